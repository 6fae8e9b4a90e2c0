import { dialog, type BrowserWindow, type FileFilter } from 'electron'
import { dirname } from 'node:path'
import type { ChooseFilesPurpose, ChooseFolderPurpose, Grant } from '../shared/desktop'
import type { Grants } from './grants'
import type { Preferences } from './preferences'
import type { StateFile } from './state-file'

const filters: Record<ChooseFilesPurpose, FileFilter[]> = {
  import: [
    {
      name: 'Pictures, annotations and archives',
      extensions: ['jpg', 'jpeg', 'png', 'webp', 'json', 'jsonl', 'csv', 'xml', 'txt', 'zip'],
    },
    { name: 'All files', extensions: ['*'] },
  ],
  model: [{ name: 'ONNX models', extensions: ['onnx'] }],
  annotations: [
    { name: 'Annotations', extensions: ['json', 'jsonl', 'csv', 'xml', 'txt', 'zip'] },
    { name: 'All files', extensions: ['*'] },
  ],
}

/** The system's own file dialogs. What the user picks becomes grants; each purpose opens where it was last. */
export class Dialogs {
  readonly #grants: Grants
  readonly #preferences: StateFile<Preferences>

  constructor(grants: Grants, preferences: StateFile<Preferences>) {
    this.#grants = grants
    this.#preferences = preferences
  }

  /** `null` when the dialog was closed. */
  async chooseFolder(window: BrowserWindow, purpose: ChooseFolderPurpose): Promise<Grant | null> {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: ['openDirectory', 'createDirectory'],
      ...this.#startingPlace(purpose),
    })
    const path = filePaths[0]
    if (canceled || path === undefined) return null
    this.#remember(purpose, path)
    const isWritable = purpose !== 'import'
    return this.#grants.grant([path], { origin: 'dialog', writable: isWritable })
  }

  async chooseFiles(window: BrowserWindow, purpose: ChooseFilesPurpose): Promise<Grant | null> {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: purpose === 'model' ? ['openFile'] : ['openFile', 'multiSelections'],
      filters: filters[purpose],
      ...this.#startingPlace(purpose),
    })
    const first = filePaths[0]
    if (canceled || first === undefined) return null
    this.#remember(purpose, dirname(first))
    return this.#grants.grant(filePaths, { origin: 'dialog', writable: false })
  }

  #startingPlace(purpose: string): { defaultPath?: string } {
    const folder = this.#preferences.value.lastFolders[purpose]
    return folder === undefined ? {} : { defaultPath: folder }
  }

  #remember(purpose: string, folder: string): void {
    const { value } = this.#preferences
    this.#preferences.set({ ...value, lastFolders: { ...value.lastFolders, [purpose]: folder } })
  }
}
