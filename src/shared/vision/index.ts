export * from './box'
export * from './image'
export * from './mask'
