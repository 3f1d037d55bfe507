import { version } from '../common/version.ts';
import { type Machine, type SetFile, setFileNames, setFormat } from '../restore/archive/set-schema.ts';
import type { VolumeWriter } from '../restore/archive/volumes/volume-writer.ts';
import { type LastVolume, writeSetInfo } from '../restore/archive/write-set.ts';
import type { Site } from './volumes.ts';

interface Described {
  machine: Machine;
  rdBase: SetFile;
  manifest: SetFile | null;
  createdAt: string;
  lineage?: LastVolume['lineage'];
}

/** set.json of each volume. */
export async function describeVolumes(
  site: Site,
  volumes: VolumeWriter,
  { machine, rdBase, manifest, createdAt, lineage }: Described,
): Promise<void> {
  const level = lineage?.level ?? 0;
  const layout = volumes.files.find(({ path }) => path === setFileNames.layout);
  for (let number = 1; number <= volumes.volume; number += 1) {
    const last = number === volumes.volume;
    await writeSetInfo(site.setDirectory(number), {
      format: setFormat,
      set: site.set,
      volume: number,
      volumes: volumes.volume,
      createdAt,
      rekindleVersion: version,
      machine,
      ...(level > 0 ? { level } : {}),
      ...(number === 1 ? { rdBase } : {}),
      ...(last && manifest ? { manifest } : {}),
      ...(layout ? { layoutSha256: layout.sha256 } : {}),
      files: volumes.files.flatMap(({ volume, ...file }) => (volume === number ? [file] : [])),
    });
  }
}
