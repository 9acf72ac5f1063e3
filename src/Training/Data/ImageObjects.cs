using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Training.Data;

/// <summary>The annotated objects of one image, in its own pixels.</summary>
/// <param name="Boxes">N boxes.</param>
/// <param name="Labels">N indices into the dataset's categories.</param>
/// <param name="Crowds">Boxes of crowd regions.</param>
internal sealed record ImageObjects(IReadOnlyList<Box> Boxes, IReadOnlyList<int> Labels, IReadOnlyList<Box> Crowds)
{
    // Thinner than a pixel, nothing of it is seen, and regression targets of no size are not defined.
    private const double MinSide = 1;

    /// <summary>N masks; null where none are needed.</summary>
    public IReadOnlyList<ObjectMask>? Masks { get; init; }

    /// <summary>A mask for each of <see cref="Crowds"/>, which may be missing; null where none are needed.</summary>
    public IReadOnlyList<ObjectMask>? CrowdMasks { get; init; }

    /// <summary>Moves the objects with the pixels, clips them to what is seen, and drops those of which too little is left.</summary>
    /// <param name="image">The original image.</param>
    /// <param name="placement">Where its pixels go.</param>
    /// <param name="options">Canvas, and the share that must stay visible.</param>
    /// <exception cref="InvalidInputException">A mask cannot be drawn; the message names the annotation.</exception>
    public SampleObjects Place(ImageEntry image, Placement placement, Augmentation options)
    {
        var canvas = options.CanvasOf(placement);
        var part = placement.Visible(canvas);
        var pencil = new MaskPencil();
        var (boxes, labels, masks) = (new List<Box>(Boxes.Count), new List<int>(Boxes.Count), new List<MaskWindow>());
        for (var i = 0; i < Boxes.Count; i++)
        {
            if (TryPlace(Boxes[i], options.MinVisible) is not { } box)
                continue;
            if (Masks is not null)
            {
                // Without a pixel there is nothing to learn, though the box be long enough: thin objects of shrunken images.
                var mask = Masks[i].Draw(image, placement, canvas, pencil);
                if (mask.Area == 0)
                    continue;
                masks.Add(mask);
                if (options.BoxesFromMasks)
                    box = mask.TightBox;
            }

            boxes.Add(box);
            labels.Add(Labels[i]);
        }

        // Only pasting takes anything away from a crowd region.
        var crowdMasksOf = options.CopyPaste is null ? null : CrowdMasks;
        var (crowds, crowdMasks) = (new List<Box>(Crowds.Count), new List<MaskWindow>());
        for (var i = 0; i < Crowds.Count; i++)
        {
            // However little of a crowd is left, what is left must not count as background.
            if (TryPlace(Crowds[i], minVisible: 0) is not { } box)
                continue;
            crowds.Add(box);
            if (crowdMasksOf is not null)
                crowdMasks.Add(crowdMasksOf[i].Exists ? crowdMasksOf[i].Draw(image, placement, canvas, pencil) : Covered(box));
        }

        return new(boxes, labels, crowds) { Masks = Masks is null ? null : masks, CrowdMasks = crowdMasksOf is null ? null : crowdMasks };

        Box? TryPlace(Box original, double minVisible)
        {
            var whole = placement.Apply(Clip(original, 0, 0, image.Width, image.Height), image.Width, image.Height);
            var seen = Clip(whole, part.X1, part.Y1, part.X2, part.Y2);
            var isSeen = seen.Width >= MinSide && seen.Height >= MinSide && seen.Width * seen.Height >= minVisible * whole.Width * whole.Height;
            return isSeen ? seen : null;
        }
    }

    private static MaskWindow Covered(Box box)
        => MaskWindow.Full((int)Math.Floor(box.X1), (int)Math.Floor(box.Y1), (int)Math.Ceiling(box.X2), (int)Math.Ceiling(box.Y2));

    private static Box Clip(Box box, double x1, double y1, double x2, double y2) =>
        new(Math.Clamp(box.X1, x1, x2), Math.Clamp(box.Y1, y1, y2), Math.Clamp(box.X2, x1, x2), Math.Clamp(box.Y2, y1, y2));
}
