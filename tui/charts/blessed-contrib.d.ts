declare module 'blessed-contrib/lib/widget/charts/line.js' {
  interface LineChart {
    emit(event: 'attach'): void;
    setData(data: { x: string[]; y: number[] }[]): void;
    ctx: { _canvas: { frame(): string } };
  }
  const Line: new (options: object) => LineChart;
  export default Line;
}
