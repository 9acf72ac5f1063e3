namespace Serve.Inference.Families;

/// <summary>
/// A model answered with values that cannot be detections (not a number, a label it has no category for), or could not run. The picture is not at
/// fault: a server answers 422 with the cause and goes on.
/// </summary>
public sealed class ModelOutputException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ModelOutputException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with the fault behind it.</summary>
    public ModelOutputException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
