import { cutImages, killAtCalls } from '../tests/simulation/images.ts';

import { keepFigures } from './reliability.ts';

/** `npm run bench -- images [images] [kills] [seed]`: power cuts and kills of the real journal and the real store. */
export default async function run([images = '10000', kills = '200', seed = '1']: string[]): Promise<void> {
  const startedAt = performance.now();
  const cuts = await cutImages(Number(seed), Number(images));
  const killed = await killAtCalls(Number(seed), Number(kills));
  const wrong = [...cuts.wrong, ...killed.wrong];
  for (const line of wrong.slice(0, 20)) console.log(line);
  console.log(
    `seed ${seed}: ${cuts.images} images (${cuts.salvaged} salvaged, of a file damaged on purpose), ${killed.kills} kills at a system call, ` +
      `${wrong.length} wrong, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  );
  keepFigures('images', {
    seed: Number(seed),
    images: cuts.images,
    salvaged: cuts.salvaged,
    kills: killed.kills,
    wrong: wrong.length,
  });
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
