using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>What can be told of a version without loading it.</summary>
/// <param name="Passport">Its passport where it is whole; null for a foreign model.</param>
/// <param name="Fault">Why it cannot be served; null when nothing is known against it.</param>
internal sealed record VersionInspection(Passport? Passport, string? Fault)
{
    /// <summary>Reads the passport, if there is one, and looks whether it belongs where it lies.</summary>
    public static VersionInspection Of(FoundVersion found)
    {
        if (found.Fault is not null)
            return new(null, found.Fault);
        var path = Path.Combine(found.Folder, Passport.FileName);
        if (found.Layout == VersionLayout.SingleFile || !File.Exists(path))
            return new(null, null);
        try
        {
            var passport = Passport.Read(path);
            return passport.Name == found.Name && passport.Version == found.Version
                ? new(passport, null)
                : new(null, $"{path}: the passport is of '{passport.Name}' version {passport.Version}, but lies in {found.Name}/{found.Version}.");
        }
        catch (InvalidInputException e)
        {
            return new(null, e.Message);
        }
    }
}
