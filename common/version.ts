/** The version that build/bundle puts in; 'development' when run from the sources. */
export const version: string = process.env.REKINDLE_VERSION ?? 'development';
