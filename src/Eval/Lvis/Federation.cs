using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>Detections that take part in an LVIS evaluation.</summary>
/// <param name="Rows">Their rows, by image.</param>
/// <param name="IsIgnoredUnmatched">Whether a detection counts neither way where it matches nothing, by row of the table.</param>
internal readonly record struct JudgedDetections(int[] Rows, bool[] IsIgnoredUnmatched);

/// <summary>
/// What each image says about categories. A category is present (the image holds an object of it), absent (it is listed as negative), or unknown: a detection of
/// an unknown category is neither right nor wrong. Where a present category is not annotated exhaustively, a detection that matches nothing may be right.
/// </summary>
internal sealed class Federation
{
    private readonly InputBuilder builder;
    private readonly Buckets objects;
    private readonly ImageEntry?[] images;

    /// <summary>Reads what the images say.</summary>
    /// <param name="dataset">Images with their lists.</param>
    /// <param name="builder">Where everything belongs.</param>
    /// <param name="objectRows">Ground truths that take part.</param>
    public Federation(Dataset dataset, InputBuilder builder, int[] objectRows)
    {
        this.builder = builder;
        objects = new(objectRows, builder.ObjectSlots.Images, builder.ImageIds.Length);
        images = new ImageEntry?[builder.ImageIds.Length];
        // Of an image that is listed twice, the last entry counts.
        foreach (var image in dataset.Images)
        {
            if (builder.Images.Find(image.Id) is >= 0 and var slot)
                images[slot] = image;
        }
    }

    /// <summary>Finds which detections take part, and which of them are ignored where they match nothing.</summary>
    /// <param name="found">Detections by image.</param>
    /// <param name="detections">The detections.</param>
    /// <param name="unknownStay">
    /// Whether detections of unknown categories, instead of vanishing, stay as ignored ones: where a later limit must count them. Categories must not be pooled;
    /// then they match nothing, for an image has no object of a category that is unknown there.
    /// </param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between images.</param>
    public JudgedDetections Judge(Buckets found, DetectionTable detections, bool unknownStay, int threads, CancellationToken ct)
    {
        var ignored = new bool[detections.Count];
        var takesPart = new bool[detections.Count];
        Chunks.For(images.Length, threads, (from, to) =>
        {
            var marks = new Marks(builder.CategoryIds.Length);
            var areas = detections.Areas;
            var categories = builder.DetectionSlots.Categories;
            for (var image = from; image < to; image++)
            {
                Mark(image, marks);
                foreach (var row in found[image])
                {
                    var known = marks.IsKnown(categories[row]);
                    takesPart[row] = categories[row] >= 0 && areas[row] > 0 && (known || unknownStay);
                    ignored[row] = !known || marks.IsOpen(categories[row]);
                }
            }
        }, ct);
        return new(Array.FindAll(found.Rows, row => takesPart[row]), ignored);
    }

    private void Mark(int image, Marks marks)
    {
        marks.Begin();
        foreach (var row in objects[image])
            marks.Know(builder.ObjectSlots.Categories[row]);
        foreach (var id in images[image]?.NegativeCategoryIds ?? [])
            marks.Know(builder.Categories.Find(id));
        foreach (var id in images[image]?.NotExhaustiveCategoryIds ?? [])
            marks.Open(builder.Categories.Find(id));
    }

    /// <summary>What one image says: marks that need no clearing, for each has the number of its image.</summary>
    private sealed class Marks(int categories)
    {
        private readonly int[] known = new int[categories];
        private readonly int[] open = new int[categories];
        private int now;

        public void Begin() => now++;

        public void Know(int category) => Set(known, category);

        public void Open(int category) => Set(open, category);

        public bool IsKnown(int category) => category >= 0 && known[category] == now;

        public bool IsOpen(int category) => category >= 0 && open[category] == now;

        private void Set(int[] marks, int category)
        {
            if (category >= 0)
                marks[category] = now;
        }
    }
}
