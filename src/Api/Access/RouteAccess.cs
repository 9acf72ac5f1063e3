namespace Serve.Api.Access;

/// <summary>The least role that a route requires.</summary>
/// <param name="Role">The role.</param>
internal sealed record RequiredRole(Role Role);

/// <summary>Said of a route that is asked by POST and changes nothing, and is not in the audit log.</summary>
internal sealed class ChangesNothingMark;

/// <summary>Said of a route that makes something, and makes it once for one <c>Idempotency-Key</c>.</summary>
internal sealed class MakesOnceMark;

/// <summary>What routes say about who may use them.</summary>
internal static class RouteAccess
{
    private static readonly ChangesNothingMark Nothing = new();
    private static readonly MakesOnceMark Once = new();

    /// <summary>Requires a role. Inside a group that requires one too, the higher counts.</summary>
    public static TBuilder Require<TBuilder>(this TBuilder routes, Role role) where TBuilder : IEndpointConventionBuilder
        => routes.WithMetadata(new RequiredRole(role)).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            // Also while the database, which knows the keys, cannot be reached.
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Says that a POST only asks.</summary>
    public static TBuilder ChangesNothing<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(Nothing);

    /// <summary>Takes an <c>Idempotency-Key</c>: the same request again is answered with what the first one made.</summary>
    public static TBuilder MakesOnce<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder
        => routes.WithMetadata(Once).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status507InsufficientStorage);
}
