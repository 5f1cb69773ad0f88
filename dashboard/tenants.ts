import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../runtime/configFile.ts';
import type { Log } from '../runtime/log.ts';
import type { Desk } from './io/notices/desk.ts';
import { type NoticeStore, openNoticeStore } from './io/notices/noticeStore.ts';
import { makeSmsGateway } from './io/notices/smsGateway.ts';
import { makeWebPush, type PushDeps } from './io/notices/webPush.ts';
import type { NoticeDeps } from './io/public.ts';
import type { TenantsConfig } from './tenantsConfig.ts';

/**
 * The ways to reach tenants that the configuration names, with the file of those who asked; `undefined` when it names
 * none: then nothing is kept of anybody.
 */
export function openNotices(
  config: TenantsConfig | undefined,
  storePath: string,
  log: Log,
  transport: Pick<PushDeps, 'ask'> = {},
):
  | {
      deps: NoticeDeps;
      counters: () => Readonly<Record<string, number>>;
      deadLetters: NoticeStore['deadLetters'];
      stop: () => void;
    }
  | undefined {
  if (!config?.push && !config?.sms) return undefined;
  const store = openNoticeStore(config.notices ?? join(dirname(storePath), 'tenants.db'));
  let desk: Desk | undefined;
  const { push, sms } = config;
  log.info({ push: push !== undefined, sms: sms !== undefined }, 'tenants can ask to be told');
  return {
    deps: {
      store,
      ...(push ? { push: makeWebPush({ store, contact: push.contact, ...transport }) } : {}),
      ...(sms
        ? {
            sms: {
              gateway: makeSmsGateway({
                url: sms.url,
                body: sms.body,
                ...secretAt('secret', sms.secretFile, 'secretFile'),
              }),
              ...secretAt('incomingSecret', sms.incomingSecretFile, 'incomingSecretFile'),
            },
          }
        : {}),
      started: (running) => {
        desk = running;
      },
    },
    counters: () => desk?.counters() ?? {},
    deadLetters: () => store.deadLetters(),
    stop: () => store.close(),
  };
}

function secretAt<K extends string>(
  name: K,
  file: string | undefined,
  key: string,
): Partial<Record<K, string>> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file, 'utf8').trim() } as Record<K, string>;
  } catch (error) {
    throw new ConfigError(file, [
      {
        path: `tenants.sms.${key}`,
        expected: 'a readable file',
        got: (error as NodeJS.ErrnoException).code ?? String(error),
      },
    ]);
  }
}
