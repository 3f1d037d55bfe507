import { assertPrivateMounts, enterPrivateMounts } from '../../../build/namespace.ts';
import { secretFromFd } from '../../../common/secret/from-fd.ts';

// Prints what the file descriptors named as arguments hold, from inside the namespace.
const fds = process.argv.slice(2).map(Number);
enterPrivateMounts(fds);
assertPrivateMounts();
for (const fd of fds) console.log(await secretFromFd(fd));
