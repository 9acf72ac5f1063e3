using Serve.Eval.Datasets;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

/// <summary>Overlap of boxes, written for reading: intersection over union, over the detection's area with a crowd.</summary>
internal static class NaiveOverlap
{
    public static double Of(NaiveEvaluator.Detection d, GroundTruth g)
    {
        var width = Math.Max(0, Math.Min(d.X + d.Width, g.X + g.Width) - Math.Max(d.X, g.X));
        var height = Math.Max(0, Math.Min(d.Y + d.Height, g.Y + g.Height) - Math.Max(d.Y, g.Y));
        var (both, area) = (width * height, d.Width * d.Height);
        return both == 0 ? 0 : both / (g.IsCrowd ? area : area + (g.Width * g.Height) - both);
    }
}
