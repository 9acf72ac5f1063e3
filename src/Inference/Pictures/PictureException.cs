using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Why a picture was refused.</summary>
public enum PictureFault
{
    /// <summary>The format is not one that is read (HTTP 415).</summary>
    Unsupported,

    /// <summary>The format is known, the content is damaged or incomplete (HTTP 422).</summary>
    Broken,

    /// <summary>More bytes or pixels than the limits allow (HTTP 413).</summary>
    TooLarge,
}

/// <summary>A picture was refused.</summary>
public sealed class PictureException : InvalidInputException
{
    /// <summary>Creates the exception with a message for the user.</summary>
    public PictureException(PictureFault fault, string message) : base(message) => Fault = fault;

    /// <summary>Creates the exception with a message for the user and the fault behind it.</summary>
    public PictureException(PictureFault fault, string message, Exception innerException) : base(message, innerException) => Fault = fault;

    /// <summary>The kind of fault.</summary>
    public PictureFault Fault { get; }
}
