/** Values of the enum columns. No imports: the browser loads this file too. */
export const environments = ['development', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

export const keyStatuses = ['PENDING', 'ACTIVE', 'REJECTED', 'REVOKED'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

export const decisions = ['auto-issued', 'approved', 'rejected', 'withdrawn'] as const;
export type Decision = (typeof decisions)[number];

export const userRoles = ['member', 'admin'] as const;
export type UserRole = (typeof userRoles)[number];

export const dialects = ['openai', 'anthropic', 'gemini', 'generic'] as const;
export type Dialect = (typeof dialects)[number];
