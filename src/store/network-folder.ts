import { readFileSync, statfsSync } from 'node:fs'
import { sep } from 'node:path'

/** Magic numbers of network file systems as Linux reports them, on which the write-ahead log's shared memory fails. */
const NETWORK_TYPES: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x517b: 'SMB',
  0x564c: 'NCP',
  0x73757245: 'Coda',
  0x5346414f: 'AFS',
  0x01021997: '9P',
  0x00c36400: 'Ceph',
}

/** Folders that programs keep in step with a cloud, by the names they give them. */
const SYNC_FOLDERS = [
  ['Dropbox', /^dropbox(\s\(.*\))?$/i],
  ['OneDrive', /^onedrive(\s-\s.*)?$/i],
  ['Google Drive', /^(google ?drive|googledrive-.*|my drive)$/i],
  ['iCloud Drive', /^(icloud ?drive|com~apple~clouddocs|mobile documents)$/i],
  ['Nextcloud', /^nextcloud\d*$/i],
  ['ownCloud', /^owncloud\d*$/i],
] as const

export interface FolderWarning {
  readonly code: 'W_PROJECT_ON_NETWORK' | 'W_PROJECT_IN_SYNC_FOLDER'
  readonly message: string
}

/** Whether a project in this (existing) folder is at risk, and why; null if nothing speaks against it. */
export function folderWarning(folder: string): FolderWarning | null {
  const network = networkTypeOf(folder)
  if (network !== null) {
    return {
      code: 'W_PROJECT_ON_NETWORK',
      message: `${folder} is on a network drive (${network}), where a database can be damaged. Keep the project on a local disk and copy it.`,
    }
  }
  const parts = folder.split(/[\\/]/)
  const sync = SYNC_FOLDERS.find(([, name]) => parts.some((part) => name.test(part)))
  return sync
    ? {
        code: 'W_PROJECT_IN_SYNC_FOLDER',
        message: `${folder} is kept in step by ${sync[0]}, which can tear a database that is in use. Keep the project outside and copy backups there.`,
      }
    : null
}

function networkTypeOf(folder: string): string | null {
  if (sep === '\\') return /^(\\\\|\/\/)/.test(folder) ? 'UNC path' : null
  try {
    // A negative number where the magic fills 32 bits.
    const known = NETWORK_TYPES[statfsSync(folder).type >>> 0]
    if (known !== undefined) return known
    return networkMountOf(folder, readFileSync('/proc/self/mounts', 'utf8'))
  } catch {
    return null // no such list on this system: nothing is known
  }
}

/** File systems in user space all have one number; their mounts name what they are. */
export function networkMountOf(folder: string, mounts: string): string | null {
  let best = { point: '', type: '' }
  for (const line of mounts.split('\n')) {
    const [, rawPoint = '', type = ''] = line.split(' ')
    const point = rawPoint.replace(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(parseInt(code, 8)),
    )
    const holds = folder === point || folder.startsWith(point === '/' ? '/' : `${point}/`)
    if (holds && point.length >= best.point.length) best = { point, type }
  }
  const match =
    /^(fuse\.(sshfs|rclone|s3fs|gvfsd-fuse|davfs2?|glusterfs|ceph)|nfs4?|cifs|smb3|davfs|9p|afs)$/.exec(
      best.type,
    )
  return match ? (match[2] ?? best.type) : null
}
