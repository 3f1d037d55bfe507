import type { EngineState } from '../../restore/execute/protocol.ts';

type Signature = NonNullable<EngineState['set']>['signature'];

/** What people compare with the key that they keep: two lines where there is one. */
export function describeSignature({ kind, key, keyId, fingerprint }: Signature): string[] {
  switch (kind) {
    case 'signed':
      return [`signed by ${key}`, `key ${keyId}, fingerprint ${fingerprint}: compare it with yours`];
    case 'otherKey':
      return [`signed by key ${keyId}, which this medium does not carry: check it with minisign -V`];
    case 'changed':
      return ['its signature is NOT good'];
    case 'unsigned':
      return ['not signed'];
  }
}
