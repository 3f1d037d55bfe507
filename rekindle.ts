import { dispatch } from './cli/dispatch.ts';

void dispatch(process.pid, process.argv);
