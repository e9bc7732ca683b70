import { PRODUCT, THIS_PROGRAM } from "../servers/product.ts";
import type { Contender, Sample } from "./contender.ts";
import type { FigureDefinition, Scenario } from "./scenario.ts";

/** Number and duration of measurements. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** The samples of one contender. */
export interface ContenderSamples {
  readonly contender: string;
  /** Name of the process that represents it. */
  readonly process: string;
  readonly samples: readonly Sample[];
  /** The product's goal relative to this contender. */
  readonly target?: string;
}

/** The samples of a scenario. */
export interface Measurement {
  readonly name: string;
  readonly figures: readonly FigureDefinition[];
  readonly product: ContenderSamples;
  readonly baselines: readonly ContenderSamples[];
}

/**
 * Measures the product and its baselines in turn, so that a drift of the machine affects all of them. Each round
 * starts them anew on empty folders, so that it depends neither on the data of earlier rounds nor on how the
 * compiler happened to optimize them.
 */
export async function measure(scenario: Scenario, { rounds, seconds }: Effort): Promise<Measurement> {
  const { process: measured = PRODUCT } = scenario;
  const product = { contender: measured, process: measured, samples: [] as Sample[] };
  const baselines = scenario.baselines.map(({ name, process = name, target }) => ({
    contender: name,
    process,
    samples: [] as Sample[],
    ...(target === undefined ? {} : { target }),
  }));
  const starts = [() => scenario.startProduct(THIS_PROGRAM), ...scenario.baselines.map(({ start }) => start)];
  for (let round = 0; round < rounds; round += 1) {
    const running: { contender: Contender; requests: number }[] = [];
    for (const start of starts) {
      const contender = await start();
      const { requestsPerSecond } = await contender.warmUp();
      running.push({ contender, requests: Math.max(1, Math.round(requestsPerSecond * seconds)) });
    }
    for (const [index, { samples }] of [product, ...baselines].entries()) {
      const turn = running[index];
      if (turn !== undefined) samples.push(await turn.contender.run(turn.requests));
    }
    await Promise.all(running.map(({ contender }) => contender.stop()));
  }
  return { name: scenario.name, figures: scenario.figures, product, baselines };
}
