import { Card, SimpleGrid, Text } from '@mantine/core';

/** A few figures beside each other, each with what it is of. */
export function Figures({ figures }: { figures: readonly (readonly [label: string, value: string])[] }) {
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} mb="lg" component="dl" m={0}>
      {figures.map(([label, value]) => (
        <Card className="card" padding="md" key={label} component="div">
          <Text component="dt" size="sm" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} fz={value.length > 8 ? 18 : 28} fw={650} className="tabular">
            {value}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
