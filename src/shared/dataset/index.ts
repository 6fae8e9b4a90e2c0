export * from './content'
export * from './file-source'
export * from './import-tools'
export * from './records'
