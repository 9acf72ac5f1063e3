namespace Serve.Api.Access;

/// <summary>Who sent a request.</summary>
/// <param name="KeyId">Id of the key; null where none was needed.</param>
/// <param name="Name">Name of the key. What is made with it belongs to this name, so keys of one name are one caller and can be changed for another.</param>
/// <param name="Role">What the caller may do.</param>
/// <param name="PerSecond">Inference requests a second of this key; null for as many as the server gives everyone.</param>
/// <param name="Burst">Requests of this key that may come at once.</param>
internal sealed record Caller(string? KeyId, string Name, Role Role, double? PerSecond = null, int? Burst = null)
{
    /// <summary>Name of everyone where no key is needed; no key can have it.</summary>
    public const string LocalName = "local";

    /// <summary>Everyone, where no key is needed.</summary>
    public static Caller Local { get; } = new(null, LocalName, Role.Administrator);

    /// <summary>Whether the caller may change what a name owns.</summary>
    public bool Owns(string? owner) => Role == Role.Administrator || owner == Name;
}

/// <summary>The caller of a request.</summary>
internal static class RequestCaller
{
    extension(HttpContext context)
    {
        /// <summary>Who sent the request. There is one wherever a role is required.</summary>
        public Caller Caller => context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route requires no role, and so has no caller.");
    }
}
