/**
 * Stands in for `blessed` below blessed-contrib's charts, which only need a node with a size that emits events.
 * blessed itself would take over the terminal that Ink owns. Plain functions: blessed-contrib calls them as such.
 */
import { EventEmitter } from 'node:events';

export interface ChartNode extends EventEmitter {
  width: number;
  height: number;
}

export function Node(this: ChartNode, options: { width?: number; height?: number } = {}): void {
  this.width = options.width ?? 40;
  this.height = options.height ?? 8;
}
Object.setPrototypeOf(Node.prototype, EventEmitter.prototype);

export function Box(this: ChartNode, options: { width?: number; height?: number }): void {
  Node.call(this, options);
}
Object.setPrototypeOf(Box.prototype, Node.prototype);

export default { Node, Box };
