namespace Serve.Training.Models.Dense;

/// <summary>Which anchors a dense detector calls objects, what it predicts for them, and with which losses.</summary>
public enum DenseKind
{
    /// <summary>RetinaNet: anchors by their IoU; focal loss, and L1 on the shifts of the boxes.</summary>
    Retina,

    /// <summary>ATSS: anchors by a threshold of each object's own; focal loss, GIoU, centre-ness.</summary>
    Atss,

    /// <summary>Generalised focal loss: anchors as in ATSS; the class score is the box's quality, each side of a box a distribution of distances.</summary>
    Gfl,
}
