import { Text } from 'ink';
import { useScreen } from '../context.ts';

/** A share from 0 to 1 as a bar of `width` cells. */
export function Bar({ share, width, color }: { share: number; width: number; color?: string }) {
  const { glyphs } = useScreen();
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return (
    <Text {...(color ? { color } : {})}>
      {glyphs.full.repeat(filled)}
      {glyphs.empty.repeat(width - filled)}
    </Text>
  );
}
