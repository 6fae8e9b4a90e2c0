export * from './content'
export * from './file-source'
export * from './records'
