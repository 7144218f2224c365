import { project } from "@/pages/reviews/project";

test("north is up, east is right, and all are in sight", () => {
  const { points } = project([
    { latitude: 52.5, longitude: 13.4 },
    { latitude: 52.6, longitude: 13.5 },
  ]);
  expect(points[1]?.y).toBeLessThan(points[0]?.y ?? 0);
  expect(points[1]?.x).toBeGreaterThan(points[0]?.x ?? 0);
  for (const { x, y } of points) {
    expect(x).toBeGreaterThanOrEqual(27.9);
    expect(x).toBeLessThanOrEqual(292.1);
    expect(y).toBeGreaterThanOrEqual(27.9);
    expect(y).toBeLessThanOrEqual(152.1);
  }
});

test("one place is in the middle, with a bar of metres", () => {
  const { points, bar } = project([{ latitude: 52.5, longitude: 13.4 }]);
  expect(points).toEqual([{ x: 160, y: 90 }]);
  expect(bar.label).toBe("100 m");
});
