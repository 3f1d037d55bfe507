/** What every child gets; nothing of PID 1's own environment. */
export const environment: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
  USER: 'root',
  SHELL: '/bin/bash',
};
