import { menuSabotages } from './menus.ts';
import { type Sabotage, sabotages as single } from './sabotage.ts';

/** All that a start is tried with. */
export const sabotages: readonly Sabotage[] = [...single, ...menuSabotages];
