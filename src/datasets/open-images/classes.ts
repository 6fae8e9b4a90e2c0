import type { FileSource, ImportRecord } from '../../shared/dataset'
import { looksLikeFormula, readRows } from '../reading/csv'
import { problemRecord, skipRecord, warning } from '../reading/problems'
import { unguardCell } from '../writing/csv-cells'

/** Class codes and the names that descriptions give them. */
export class ClassNames {
  readonly #files: FileSource
  readonly #yielded = new Set<string>()

  constructor(files: FileSource) {
    this.#files = files
  }

  /** One table of descriptions: code and name, with or without a header. */
  async *read(table: string): AsyncGenerator<ImportRecord> {
    let record = 0
    for await (const { cells, line, offset } of readRows(this.#files.stream(table), table)) {
      const place = { file: table, line, record: record++, offset }
      const [code = '', name = ''] = cells
      if (cells.length !== 2) {
        const message = `A class has a code and a name, but the row has ${cells.length} cells.`
        yield problemRecord(skipRecord(place, 'E_LABEL_COLUMNS', message))
      } else if (code !== 'LabelName' || name !== 'DisplayName') {
        if (looksLikeFormula(name)) {
          const message = `The class name ${JSON.stringify(name)} would be run as a formula by a spreadsheet; it was taken as text.`
          yield problemRecord(warning(place, 'W_CSV_FORMULA', message))
        }
        yield* this.category(unguardCell(code), unguardCell(name))
      }
    }
  }

  /** The category of a code, if it has not been yielded yet. A code without description is its own name. */
  *category(code: string, name = code): Generator<ImportRecord> {
    if (this.#yielded.has(code)) return
    this.#yielded.add(code)
    yield { kind: 'category', category: { sourceId: code, name } }
  }
}
