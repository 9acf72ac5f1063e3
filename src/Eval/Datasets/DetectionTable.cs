namespace Serve.Eval.Datasets;

/// <summary>Detections as columns, in the order they were added (which decides ties). Boxes are COCO xywh in pixels of the original image.</summary>
public sealed class DetectionTable
{
    /// <summary>Number of detections.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Appends a detection.</summary>
    public void Add(long imageId, long categoryId, double x, double y, double width, double height, double score) => throw new NotImplementedException();

    /// <summary>Appends all detections of another table, in its order.</summary>
    public void Append(DetectionTable other) => throw new NotImplementedException();

    /// <summary>Image of each detection.</summary>
    public ReadOnlySpan<long> ImageIds => throw new NotImplementedException();

    /// <summary>Category of each detection.</summary>
    public ReadOnlySpan<long> CategoryIds => throw new NotImplementedException();

    /// <summary>Left edges.</summary>
    public ReadOnlySpan<double> X => throw new NotImplementedException();

    /// <summary>Top edges.</summary>
    public ReadOnlySpan<double> Y => throw new NotImplementedException();

    /// <summary>Widths.</summary>
    public ReadOnlySpan<double> Width => throw new NotImplementedException();

    /// <summary>Heights.</summary>
    public ReadOnlySpan<double> Height => throw new NotImplementedException();

    /// <summary>Scores.</summary>
    public ReadOnlySpan<double> Scores => throw new NotImplementedException();
}
