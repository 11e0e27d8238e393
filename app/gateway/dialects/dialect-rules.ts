import type { Dialect } from '~db/schema/enums';
import { anthropic } from './anthropic';
import type { DialectRules } from './dialect';
import { gemini } from './gemini';
import { generic } from './generic';
import { openai } from './openai';

export const dialectRules: Record<Dialect, DialectRules> = { openai, anthropic, gemini, generic };
