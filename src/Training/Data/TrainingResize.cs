namespace Serve.Training.Data;

/// <summary>How a training image gets its size.</summary>
public enum TrainingResize
{
    /// <summary>
    /// The size that fits the canvas, times a factor drawn from <see cref="Augmentation.Scale"/>; cropped at random where larger than the canvas, placed by
    /// <see cref="Augmentation.RandomPlacement"/> where smaller.
    /// </summary>
    Fit,

    /// <summary>
    /// The shorter side has one of <see cref="Augmentation.ShortSides"/>, or less where the longer one would exceed <see cref="Augmentation.LongSide"/>. Nothing is cropped;
    /// a batch is as large as its largest image, at the top left of it, rounded up to multiples of 32.
    /// </summary>
    /// <remarks>size = int(scale * side + 0.5), as Detectron2 computes it.</remarks>
    ShortestSide,

    /// <summary>
    /// Scale jittering: the size that fits the canvas times a factor drawn from <see cref="Augmentation.Scale"/>, cropped at random where larger than the canvas, at the top left
    /// where smaller.
    /// </summary>
    /// <remarks>
    /// Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation", CVPR 2021, as in the authors' code: target = round(factor * canvas);
    /// the image is as large as fits into the target, rounded half to even; crop offset = int((size - canvas) * u), u uniform in [0, 1).
    /// </remarks>
    Jitter,
}
