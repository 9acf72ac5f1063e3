using Serve.Training.Data;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>What a mask head should predict: the masks of objects, seen through boxes.</summary>
/// <remarks>
/// The mask as a map of zeros and ones, through RoIAlign (aligned, as many samples as pixels), at least one half: the rule of Detectron2's bitmaps. Each axis is a
/// matrix of weights, so that a box costs its area and not the area times the samples.
/// Letters: F boxes, s bins, h and w pixels of the largest box at hand.
/// </remarks>
public static class MaskTargets
{
    // So many pixels are looked up at once; their places take eight bytes each.
    private const long PixelsAtOnce = 1 << 21;

    /// <summary>Crops masks. An accelerator is asked for the sizes of the boxes once.</summary>
    /// <param name="masks">One entry an image.</param>
    /// <param name="sizes">[B, 2] float32 width and height of the valid part of each image: beyond it there is no mask, at its border the last pixels count on.</param>
    /// <param name="boxes">[F, 4] xyxy, input pixels.</param>
    /// <param name="images">[F] int64, the image of each box.</param>
    /// <param name="owner">[F] int64, the row of the object among its image's masks.</param>
    /// <param name="size">Bins along an axis.</param>
    /// <returns>[F, size, size] float32, 0 or 1; moved to the caller's dispose scope.</returns>
    public static Tensor Crop(IReadOnlyList<InstanceMasks> masks, Tensor sizes, Tensor boxes, Tensor images, Tensor owner, int size)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var all = Joined(masks);
        var row = tensor(FirstRows(masks), device: boxes.device)[images] + owner;             // [F] row among all masks
        var (window, start, limit) = (all.Windows[row], all.Starts[row], sizes[images]);      // [F, 4], [F], [F, 2]
        var sides = Sides(boxes);
        var order = Enumerable.Range(0, sides.Length).OrderByDescending(i => sides[i].Width * sides[i].Height).ToArray();
        var crops = new List<Tensor> { zeros(0, size, size, device: boxes.device) };
        for (int first = 0, count; first < order.Length; first += count)
        {
            // Boxes of like size go together.
            var (height, width) = (0L, 0L);
            for (count = 0; first + count < order.Length; count++)
            {
                var side = sides[order[first + count]];
                var (higher, wider) = (Math.Max(height, side.Height), Math.Max(width, side.Width));
                if (count > 0 && (count + 1) * higher * wider > PixelsAtOnce)
                    break;
                (height, width) = (higher, wider);
            }

            var rows = tensor(order[first..(first + count)].Select(i => (long)i).ToArray(), device: boxes.device);
            crops.Add(Crop(all.Pixels, window[rows], start[rows], limit[rows], boxes[rows], height, width, size));
        }

        var places = tensor(order.Select(i => (long)i).ToArray(), device: boxes.device);
        return cat(crops).index_select(0, places.argsort()).MoveToOuterDisposeScope();
    }

    private static Tensor Crop(Tensor pixels, Tensor window, Tensor start, Tensor limit, Tensor boxes, long height, long width, int size)
    {
        using var scope = NewDisposeScope();
        var (rows, ofRows) = Axis(boxes.select(1, 1), boxes.select(1, 3), limit.select(1, 1), height, size);  // [F, h], [F, s, h]
        var (columns, ofColumns) = Axis(boxes.select(1, 0), boxes.select(1, 2), limit.select(1, 0), width, size);
        var y = (rows - window[.., 1..2]).unsqueeze(2);                                     // [F, h, 1] in the window
        var x = (columns - window[.., 0..1]).unsqueeze(1);                                  // [F, 1, w]
        var (wide, high) = (window[.., 2..3].unsqueeze(2), window[.., 3..4].unsqueeze(2));  // [F, 1, 1]
        var isInside = y.ge(0).logical_and(y.lt(high)).logical_and(x.ge(0)).logical_and(x.lt(wide));
        var place = where(isInside, start.view(-1, 1, 1) + y * wide + x, 0);                // [F, h, w]
        var mask = pixels.index_select(0, place.flatten()).view_as(place).to_type(float32) * isInside;
        return ofRows.bmm(mask).bmm(ofColumns.transpose(1, 2)).ge(0.5).to_type(float32).MoveToOuterDisposeScope();
    }

    // The pixels of one axis that boxes reach, and the weight of each in the mean of each bin's samples. See RoiAlign.
    private static (Tensor Pixels, Tensor Weights) Axis(Tensor low, Tensor high, Tensor limit, long count, int size)
    {
        var bin = ((high - low) / size).view(-1, 1, 1);                                     // [F, 1, 1]
        var samples = bin.ceil().clamp(min: 0);
        var most = Math.Max(1, (count + size - 1) / size);                                  // no bin has more samples
        var each = arange(most, dtype: float32, device: low.device);
        var edges = (low - 0.5).view(-1, 1, 1) + arange(size, dtype: float32, device: low.device).view(1, -1, 1) * bin;
        var position = edges + (each + 0.5) * bin / samples.clamp(min: 1);                  // [F, s, most]

        var end = limit.view(-1, 1, 1);
        var share = position.ge(-1).logical_and(position.le(end)).logical_and(each.lt(samples)).to_type(float32) / samples.clamp(min: 1);
        position = position.clamp(min: 0).minimum(end - 1);
        var first = (low - 0.5).floor().clamp(min: 0).view(-1, 1, 1);
        var cell = position.floor();
        var beyond = position - cell;
        var (here, next) = (Place(cell), Place((cell + 1).minimum(end - 1)));
        var weights = zeros([low.shape[0], size, count], device: low.device)
            .scatter_add_(2, here, (1 - beyond) * share)
            .scatter_add_(2, next, beyond * share);
        return ((first.view(-1, 1) + arange(count, dtype: float32, device: low.device)).to_type(int64), weights);

        Tensor Place(Tensor pixel) => (pixel - first).to_type(int64).clamp(0, count - 1);
    }

    // Pixels that a box may reach along each axis: one more at each end for interpolation.
    private static (long Height, long Width)[] Sides(Tensor boxes)
    {
        return [.. HostRead.Floats(boxes).Chunk(4).Select(box => (Reach(box[3] - box[1]), Reach(box[2] - box[0])))];

        static long Reach(float side) => (long)MathF.Ceiling(MathF.Max(side, 0)) + 2;
    }

    private static InstanceMasks Joined(IReadOnlyList<InstanceMasks> masks)
    {
        var starts = new List<Tensor>();
        var before = 0L;
        foreach (var one in masks)
        {
            starts.Add(one.Starts + before);
            before += one.Pixels.shape[0];
        }

        // One pixel more, so that there is one to look up where no mask has any.
        var pixels = cat([.. masks.Select(one => one.Pixels), zeros(1, dtype: uint8, device: masks[0].Pixels.device)]);
        return new(pixels, cat([.. masks.Select(one => one.Windows)]), cat([.. starts]));
    }

    private static long[] FirstRows(IReadOnlyList<InstanceMasks> masks)
    {
        var rows = new long[masks.Count];
        for (var i = 1; i < rows.Length; i++)
            rows[i] = rows[i - 1] + masks[i - 1].Starts.shape[0];
        return rows;
    }
}
