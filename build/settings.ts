import { type Config, type Hooks, readConfig } from './config.ts';
import type { CreateRequest } from './main.ts';

const noHooks: Hooks = { before: [], after: [], 'time-limit': 300 };

/** What was asked for, completed by the settings file: a flag wins over a setting. @throws as readConfig */
export async function withSettings(asked: CreateRequest): Promise<{ request: CreateRequest; hooks: Hooks }> {
  const config = await readConfig(asked.configFile);
  return { request: { ...asked, ...missing(asked, config) }, hooks: config.hooks ?? noHooks };
}

/** The settings for what no flag said. */
function missing(asked: CreateRequest, config: Config): Partial<CreateRequest> {
  const encrypted = asked.passphrase || asked.passphraseFd !== null;
  return {
    ...(asked.to.length === 0 ? { to: config.to ?? [] } : {}),
    ...(asked.kernelArgument.length === 0 ? { kernelArgument: config['kernel-argument'] ?? [] } : {}),
    ...(asked.recipient.length === 0 && !encrypted ? { recipient: config.recipient ?? [] } : {}),
    ...(asked.recipientsFile.length === 0 && !encrypted ? { recipientsFile: config['recipients-file'] ?? [] } : {}),
    ...(asked.volumeSize === undefined && config['volume-size'] !== undefined
      ? { volumeSize: config['volume-size'] }
      : {}),
    ...(asked.signingKey === undefined && config['signing-key'] !== undefined
      ? { signingKey: config['signing-key'] }
      : {}),
    ...(asked.trustedKey.length === 0 ? { trustedKey: config['trusted-keys'] ?? [] } : {}),
    ...(asked.workDirectory === undefined && config['work-directory'] !== undefined
      ? { workDirectory: config['work-directory'] }
      : {}),
    ...(asked.answer === undefined && config.answer !== undefined ? { answer: config.answer } : {}),
    ...(asked.level === undefined && config.level !== undefined ? { level: config.level } : {}),
    ...(asked.keep === undefined && config.keep !== undefined ? { keep: config.keep } : {}),
    allowUnencrypted: asked.allowUnencrypted || config['allow-unencrypted'] === true,
    verify: asked.verify && config.verify !== false,
    ...(asked.snapshot === undefined && config.snapshot !== undefined ? { snapshot: config.snapshot } : {}),
    raw: asked.raw && config.raw !== false,
  };
}
