using System.Globalization;
using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>The model that a path names.</summary>
/// <param name="Name">Name of the view: a model's own, or with <c>.raw</c> after it.</param>
/// <param name="Version">Its version; null where the path has none.</param>
internal readonly record struct AskedModel(string Name, int? Version)
{
    /// <summary>Reads the path's <c>{name}</c> and <c>{version}</c>.</summary>
    /// <exception cref="RequestRefusedException">404: a version that is no whole number from 1.</exception>
    public static AskedModel Of(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        if (context.Request.RouteValues["version"] is not string text)
            return new AskedModel(name, null);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new AskedModel(name, version)
            : throw new RequestRefusedException(StatusCodes.Status404NotFound, $"Model '{name}' has no version '{text}'; versions are whole numbers from 1.");
    }
}
