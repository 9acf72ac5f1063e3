using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>Refusals in the protocol's words: all of them tell what was given and what is allowed.</summary>
internal static class Refusal
{
    /// <summary>400: the request is wrong.</summary>
    public static RequestRefusedException Request(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>400: one input of the request is wrong.</summary>
    public static RequestRefusedException Input(string name, string message) => Request($"input '{name}': {message}");

    /// <summary>400: one output that the request asks for is wrong.</summary>
    public static RequestRefusedException Output(string name, string message) => Request($"output '{name}': {message}");

    /// <summary>501: something of the protocol that this server does not offer.</summary>
    public static RequestRefusedException Unsupported(string message) => new(StatusCodes.Status501NotImplemented, message);

    /// <summary>413: more bytes than are allowed.</summary>
    public static RequestRefusedException TooLarge(string message, long limit)
        => new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, message).With("maxBytes", limit);
}
