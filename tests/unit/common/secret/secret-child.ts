// Reads secrets for read-secret.test.ts, on the terminal or a file descriptor that it was started with.
import { RekindleError } from '../../../../common/errors/error.ts';
import { readSecret } from '../../../../common/secret/read-secret.ts';

const [how = '', more = ''] = process.argv.slice(2);
console.log(`pid ${process.pid}`);
if (more === 'handles') process.on('SIGINT', () => console.log('handled SIGINT'));
try {
  if (how === 'fd') {
    for (let count = 0; count < 2; count += 1) console.log(JSON.stringify(await readSecret({ fd: 3 })));
  } else if (how === 'fd-of-terminal') {
    await readSecret({ fd: 0 });
  } else {
    const secret = await readSecret({ prompt: 'Passphrase', confirm: how === 'confirm' });
    console.log(`got ${Buffer.from(secret).toString('hex')}`);
  }
} catch (error) {
  if (!(error instanceof RekindleError)) throw error;
  console.log(`${error.code} ${error.reason}`);
}
