using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>Pastes objects of one image onto another, both of them on canvases of one size (<see cref="CopyPasteOptions"/>).</summary>
internal static class CopyPaste
{
    /// <summary>Chooses how many objects are pasted, uniform in 0..n, and which.</summary>
    /// <param name="candidates">n, the number of objects there are.</param>
    /// <param name="random">The stream to draw from.</param>
    /// <returns>Their positions, rising.</returns>
    public static int[] Choose(int candidates, ref SplitMix64 random)
    {
        var count = random.NextInt(candidates + 1);
        var all = Enumerable.Range(0, candidates).ToArray();
        random.Shuffle(all.AsSpan());
        return [.. all[..count].Order()];
    }

    /// <summary>Copies pixels.</summary>
    /// <param name="canvas">3 x H x W floats, which are pasted onto.</param>
    /// <param name="source">3 x H x W floats of the image that is pasted.</param>
    /// <param name="size">Size of both.</param>
    /// <param name="alpha">Which pixels.</param>
    public static void Compose(Span<float> canvas, ReadOnlySpan<float> source, CanvasSize size, MaskWindow alpha)
    {
        for (var y = 0; y < alpha.Height; y++)
        {
            var row = alpha.Pixels.AsSpan(y * alpha.Width, alpha.Width);
            var start = (alpha.Y + y) * size.Width + alpha.X;
            for (var x = 0; x < row.Length; x++)
            {
                if (row[x] == 0)
                    continue;
                for (var channel = 0; channel < 3; channel++)
                    canvas[channel * size.Area + start + x] = source[channel * size.Area + start + x];
            }
        }
    }

    /// <summary>The objects of an image after objects of another were pasted: those that are left, then the pasted ones.</summary>
    /// <param name="main">Objects of the image that is pasted onto, with masks.</param>
    /// <param name="pasted">The objects that are pasted, with masks; one or more.</param>
    /// <param name="alpha">All their pixels.</param>
    /// <param name="options">What becomes of boxes and of small remains.</param>
    /// <param name="areaScale">Pixels of the canvas for one of the original of <paramref name="main"/>, by area.</param>
    public static SampleObjects Join(SampleObjects main, SampleObjects pasted, MaskWindow alpha, CopyPasteOptions options, double areaScale = 1)
    {
        MaskWindow[] masks = [.. main.Masks!.Select(mask => mask.Without(alpha))];
        bool[] moved = [.. masks.Select((mask, i) => mask.Area == 0 || Coordinates(mask.TightBox, main.Boxes[i]).Any(pair => IsMoved(pair.New, pair.Old)))];
        int[] kept = [.. Enumerable.Range(0, masks.Length).Where(i => masks[i].Area > 0 && !IsDropped(i))];

        var (crowds, crowdMasks) = Uncovered(main, alpha);
        var most = options.MaxObjects ?? int.MaxValue;
        return new(
            [.. kept.Select(i => Updated(masks[i].TightBox, main.Boxes[i])).Concat(pasted.Boxes).Take(most)],
            [.. kept.Select(i => main.Labels[i]).Concat(pasted.Labels).Take(most)],
            crowds)
        {
            Masks = [.. kept.Select(i => masks[i]).Concat(pasted.Masks!).Take(most)],
            CrowdMasks = crowdMasks,
        };

        bool IsMoved(double to, double from) => Math.Abs(to - from) > options.BoxTolerance;

        bool IsDropped(int i) => options.Drop == SmallRemains.AnyOccluded
            ? moved.Contains(true) && masks[i].Area / areaScale <= options.SmallArea
            : moved[i] && masks[i].Area <= options.SmallArea;

        Box Updated(Box tight, Box old)
        {
            if (options.Boxes == PastedBoxes.Tight)
                return tight;
            double[] corners = [.. Coordinates(tight, old).Select(pair => IsMoved(pair.New, pair.Old) ? pair.New : pair.Old)];
            return new(corners[0], corners[1], corners[2], corners[3]);
        }
    }

    /// <summary>The objects at some positions.</summary>
    public static SampleObjects Take(SampleObjects objects, IReadOnlyList<int> chosen)
        => new([.. chosen.Select(i => objects.Boxes[i])], [.. chosen.Select(i => objects.Labels[i])], []) { Masks = [.. chosen.Select(i => objects.Masks![i])] };

    // What lies over a crowd is an object and no part of it. A region that is not touched keeps its annotated box.
    private static (List<Box> Boxes, List<MaskWindow> Masks) Uncovered(SampleObjects main, MaskWindow alpha)
    {
        var (boxes, masks) = (new List<Box>(), new List<MaskWindow>());
        for (var i = 0; i < main.Crowds.Count; i++)
        {
            var mask = main.CrowdMasks![i];
            var left = mask.Without(alpha);
            if (left.Area == 0 && mask.Area > 0)
                continue;
            boxes.Add(ReferenceEquals(left, mask) ? main.Crowds[i] : left.TightBox);
            masks.Add(left);
        }

        return (boxes, masks);
    }

    private static IEnumerable<(double New, double Old)> Coordinates(Box to, Box from)
        => [(to.X1, from.X1), (to.Y1, from.Y1), (to.X2, from.X2), (to.Y2, from.Y2)];
}
