using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

/// <summary>Masks for tests.</summary>
internal static class TestMasks
{
    /// <summary>Windows of whole bitmaps.</summary>
    /// <param name="bitmaps">[N, H, W], 0 or 1.</param>
    /// <param name="windows">x, y, width and height of each; beyond them a bitmap is 0.</param>
    public static InstanceMasks Of(Tensor bitmaps, params long[][] windows)
    {
        var parts = windows.Select((w, i) => bitmaps[i].slice(0, w[1], w[1] + w[3], 1).slice(1, w[0], w[0] + w[2], 1).flatten().to_type(uint8)).ToList();
        var starts = new long[parts.Count];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + parts[i - 1].shape[0];
        return new(cat([.. parts, zeros(0, dtype: uint8)]), tensor(windows.SelectMany(w => w).ToArray(), [windows.Length, 4]), tensor(starts));
    }

    /// <summary>Targets of rectangles whose masks fill their boxes' left halves.</summary>
    public static DetectionTargets LeftHalves(long[] labels, params int[][] boxes)
    {
        long[][] windows = [.. boxes.Select(box => new long[] { box[0], box[1], (box[2] - box[0]) / 2, box[3] - box[1] })];
        var bitmaps = ones(boxes.Length, boxes.Max(box => box[3]), boxes.Max(box => box[2]));
        return new(tensor(boxes.SelectMany(box => box.Select(side => (float)side)).ToArray(), [boxes.Length, 4]), tensor(labels), zeros(0, 4)) { Masks = Of(bitmaps, windows) };
    }
}
