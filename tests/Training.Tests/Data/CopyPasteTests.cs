using CsCheck;
using Serve.Eval;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class CopyPasteTests
{
    private static readonly CopyPasteOptions Options = new();

    private static readonly Gen<MaskWindow> Rectangles =
        from x in Gen.Int[0, 40]
        from y in Gen.Int[0, 40]
        from w in Gen.Int[1, 24]
        from h in Gen.Int[1, 24]
        select MaskWindow.Full(x, y, x + w, y + h);

    [Fact]
    public void Pixels_and_masks_change_hands_under_what_is_pasted()
    {
        var (main, pasted) = (Objects((2, 2, 12, 12)), Objects((8, 8, 16, 16)));
        var (canvas, source) = (Filled(2, 20), Filled(1, 20));
        var alpha = MaskWindow.Union(pasted.Masks!);

        CopyPaste.Compose(canvas, source, new(20, 20), alpha);
        var joined = CopyPaste.Join(main, pasted, alpha, Options with { SmallArea = 50 });

        Assert.Equal(64, alpha.Area);
        Assert.Equal([84, 64], joined.Masks!.Select(mask => mask.Area));
        Assert.Equal(new(2, 2, 12, 12), joined.Masks![0].TightBox);
        Assert.Equal([new Box(2, 2, 12, 12), new Box(8, 8, 16, 16)], joined.Boxes);
        Assert.Equal((1f, 2f), (canvas[9 * 20 + 9], canvas[3 * 20 + 3]));
        Assert.Equal(3 * 64, canvas.Count(value => value == 1));
    }

    [Fact]
    public void A_wholly_covered_object_is_dropped()
    {
        var joined = Join(Objects((4, 4, 14, 14)), Objects((3, 3, 15, 15)), Options);

        Assert.Equal([new Box(3, 3, 15, 15)], joined.Boxes);
    }

    [Theory]
    [InlineData(20, PastedBoxes.KeepClose, 20, 800)]
    [InlineData(35, PastedBoxes.KeepClose, 40, 1400)]
    [InlineData(35, PastedBoxes.Tight, 35, 1400)]
    public void A_coordinate_moves_when_it_is_farther_than_the_tolerance(int from, PastedBoxes boxes, int expectedX2, int area)
    {
        var joined = Join(Objects((0, 0, 40, 40)), Objects((from, 0, 100, 100)), Options with { Boxes = boxes });

        Assert.Equal(new Box(0, 0, expectedX2, 40), joined.Boxes[0]);
        Assert.Equal(area, joined.Masks![0].Area);
    }

    [Theory]
    [InlineData(SmallRemains.Occluded, 3)]
    [InlineData(SmallRemains.AnyOccluded, 2)]
    public void A_small_object_with_a_clipped_edge_stays_unless_any_occlusion_counts(SmallRemains drop, int expected)
    {
        // 15 x 15 loses a column; 40 x 40 loses half.
        var main = Objects((0, 0, 15, 15), (0, 50, 40, 90));
        var pasted = Objects((14, 0, 16, 16), (20, 50, 60, 90));

        var joined = CopyPaste.Join(main, CopyPaste.Take(pasted, [0]) with { Masks = [MaskWindow.Union(pasted.Masks!)] }, MaskWindow.Union(pasted.Masks!), Options with { Drop = drop });

        Assert.Equal(expected, joined.Boxes.Count);
        Assert.Equal(drop == SmallRemains.Occluded, joined.Boxes.Contains(new(0, 0, 15, 15)));
    }

    [Fact]
    public void The_area_of_the_original_image_counts_where_any_occlusion_does()
    {
        var main = Objects((0, 0, 40, 40));
        var pasted = Objects((20, 0, 60, 60));
        var options = Options with { Drop = SmallRemains.AnyOccluded };

        Assert.Equal(2, Join(main, pasted, options).Boxes.Count);               // 800
        Assert.Single(Join(main, pasted, options, areaScale: 4).Boxes);         // 200 of the original
    }

    [Fact]
    public void An_object_of_little_remains_and_a_moved_box_is_dropped()
        => Assert.Single(Join(Objects((0, 0, 20, 20)), Objects((5, 0, 30, 30)), Options).Boxes); // 100 left, x2 from 20 to 5

    [Fact]
    public void Those_pasted_last_are_cut_first()
    {
        var joined = Join(Objects((0, 0, 5, 5), (50, 50, 60, 60)), Objects((70, 0, 75, 5), (80, 0, 85, 5)), Options with { MaxObjects = 3 });

        Assert.Equal([0, 50, 70], joined.Boxes.Select(box => box.X1));
        Assert.Equal((3, 3), (joined.Labels.Count, joined.Masks!.Count));
    }

    [Fact]
    public void A_crowd_loses_what_is_pasted_over_it()
    {
        var main = Objects() with { Crowds = [new(0, 0, 30, 10), new(50.5, 0, 60, 9), new(70, 0, 74, 4)] };
        main = main with { CrowdMasks = [MaskWindow.Full(0, 0, 30, 10), MaskWindow.Full(50, 0, 60, 9), MaskWindow.Full(70, 0, 74, 4)] };

        var joined = Join(main, Objects((20, 0, 40, 40), (69, 0, 80, 10)), Options);

        Assert.Equal([new Box(0, 0, 20, 10), new Box(50.5, 0, 60, 9)], joined.Crowds);
    }

    [Fact]
    public void What_is_pasted_owns_its_pixels_and_boxes_stay_near_their_masks() => Gen.Select(Rectangles.Array[1, 5], Rectangles.Array[1, 5]).Sample(
        (mains, pastes) =>
        {
            var pasted = Objects([.. pastes.Select(Corners)]);
            var alpha = MaskWindow.Union(pasted.Masks!);
            var (canvas, source) = (Filled(2, 64), Filled(1, 64));

            CopyPaste.Compose(canvas, source, new(64, 64), alpha);
            var joined = CopyPaste.Join(Objects([.. mains.Select(Corners)]), pasted, alpha, Options);

            var survivors = joined.Boxes.Count - pastes.Length;
            Assert.Equal((joined.Boxes.Count, joined.Boxes.Count), (joined.Labels.Count, joined.Masks!.Count));
            Assert.InRange(survivors, 0, mains.Length);
            for (var i = 0; i < 64 * 64; i++)
            {
                var covered = alpha.Contains(i % 64, i / 64);
                Assert.Equal(covered ? 1 : 2, canvas[i]);
                Assert.False(covered && joined.Masks!.Take(survivors).Any(mask => mask.Contains(i % 64, i / 64)));
            }

            for (var i = 0; i < survivors; i++)
            {
                var (tight, box) = (joined.Masks![i].TightBox, joined.Boxes[i]);
                Assert.True(joined.Masks[i].Area > 0);
                double[] moves = [tight.X1 - box.X1, tight.Y1 - box.Y1, tight.X2 - box.X2, tight.Y2 - box.Y2];
                Assert.All(moves, move => Assert.InRange(move, -10, 10));
            }
        },
        iter: 200, threads: 1);

    [Fact]
    public void The_number_of_pasted_objects_is_uniform_and_so_is_the_choice()
    {
        int[] counts = new int[6], chosen = new int[5];
        for (var i = 0; i < 12_000; i++)
        {
            var random = new SplitMix64(1, i);
            var choice = CopyPaste.Choose(5, ref random);
            Assert.Equal(choice.Distinct().Order(), choice);
            counts[choice.Length]++;
            foreach (var at in choice)
                chosen[at]++;
        }

        Assert.InRange(ChiSquare(counts), 0, 15.09);  // 5 degrees of freedom, 1 %
        Assert.All(chosen, count => Assert.InRange(count, 5700, 6300)); // half of the time
    }

    private static double ChiSquare(int[] counts)
    {
        var expected = counts.Average();
        return counts.Sum(count => Math.Pow(count - expected, 2) / expected);
    }

    private static SampleObjects Join(SampleObjects main, SampleObjects pasted, CopyPasteOptions options, double areaScale = 1)
        => CopyPaste.Join(main, pasted, MaskWindow.Union(pasted.Masks!), options, areaScale);

    private static (int X1, int Y1, int X2, int Y2) Corners(MaskWindow mask) => (mask.X, mask.Y, mask.X + mask.Width, mask.Y + mask.Height);

    private static SampleObjects Objects(params (int X1, int Y1, int X2, int Y2)[] corners)
        => new([.. corners.Select(c => new Box(c.X1, c.Y1, c.X2, c.Y2))], [.. corners.Select((_, i) => i)], [])
        {
            Masks = [.. corners.Select(c => MaskWindow.Full(c.X1, c.Y1, c.X2, c.Y2))],
            CrowdMasks = [],
        };

    private static float[] Filled(float value, int side)
    {
        var canvas = new float[3 * side * side];
        Array.Fill(canvas, value);
        return canvas;
    }
}
