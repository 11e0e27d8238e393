export * from './audit';
export * from './invitations';
export * from './keys';
export * from './requests';
export * from './sessions';
export * from './tools';
export * from './users';
export * from './words';
