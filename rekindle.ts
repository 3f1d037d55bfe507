import { dispatch } from './cli/dispatch.ts';

await dispatch(process.pid, process.argv);
