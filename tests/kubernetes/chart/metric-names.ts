import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../check/source-files.ts';

/** The names under which the processes count and measure, from their sources. */
export function metricNames(): Set<string> {
  const names = new Set<string>();
  for (const home of ['packages', 'services', 'gateway/src']) {
    for (const file of readdirSync(join(top, home), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.includes('node_modules') || file.endsWith('.test.ts'))
        continue;
      const text = readFileSync(join(top, home, file), 'utf8');
      for (const [, name = ''] of text.matchAll(
        /["'`](\$\{service\}_[a-z_]+|[a-z]+(?:_[a-z]+)+)["'`]/g,
      )) {
        if (!name.startsWith('$')) names.add(name);
        // packages/events/src/outbox-metrics.ts
        else
          for (const service of ['credential_vault', 'source_registry'])
            names.add(service + name.slice(name.indexOf('}') + 1));
      }
    }
  }
  return names;
}
