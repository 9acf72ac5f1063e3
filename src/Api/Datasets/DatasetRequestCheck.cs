using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Eval.Formats;

namespace Serve.Api.Datasets;

/// <summary>What a dataset is to be called, and who sees what is derived from it.</summary>
internal sealed record CheckedDataset(string Name, DatasetVisibility? Visibility, DatasetFormat? Format, string? Description);

/// <summary>Checks what is asked of a dataset, all of it at once.</summary>
internal sealed partial class DatasetRequestCheck(IOptions<ServeOptions> options)
{
    private const int LongestDescription = 4000;

    private static readonly string Visibilities = string.Join(", ", Enum.GetValues<DatasetVisibility>().Select(NameOf));

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public static CheckedDataset Check(string? name, string? visibility, string? format, string? description) => Check(name, visibility, format, description, []);

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public static (DatasetVisibility? Visibility, string? Description) Check(DatasetChange change)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var visibility = VisibilityOf(change.Visibility, faults);
        CheckDescription(change.Description, faults);
        Refuse(faults);
        return (visibility, change.Description);
    }

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public (CheckedDataset Asked, string Folder) Check(DatasetRequest request)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var folder = FolderOf(request.Path, faults);
        return (Check(request.Name, request.Visibility, request.Format, request.Description, faults), folder!);
    }

    private static CheckedDataset Check(string? name, string? visibility, string? format, string? description, SortedDictionary<string, string[]> faults)
    {
        if (name is null || !Name().IsMatch(name))
            faults["name"] = [$"The name is {Quoted(name)}; it needs 1 to 64 letters, digits and . _ -, and begins with a letter or digit."];
        var found = format is null ? null : DatasetFormats.Find(format);
        if (format is not null && found is null)
            faults["format"] = [$"The format is {Quoted(format)}; allowed: {string.Join(", ", DatasetFormats.Names)}."];
        var seen = VisibilityOf(visibility, faults);
        CheckDescription(description, faults);
        Refuse(faults);
        return new CheckedDataset(name!, seen, found, description);
    }

    private string? FolderOf(string? path, SortedDictionary<string, string[]> faults)
    {
        var roots = (options.Value.DatasetRoots ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))).ToList();
        if (roots.Count == 0)
            faults["path"] = ["No folders of this server can be registered: Serve:DatasetRoots names none. Upload the dataset instead: PUT /v1/datasets/NAME."];
        else if (string.IsNullOrEmpty(path) || path.Contains('\0'))
            faults["path"] = ["The path is missing; it names a folder below one of Serve:DatasetRoots."];
        // Whether something is there is told of folders below the roots alone.
        else if (roots.Select(root => Below(root, path)).FirstOrDefault(Directory.Exists) is { } folder)
            return folder;
        else
            faults["path"] = [$"The path \"{path}\" is no folder below one of Serve:DatasetRoots."];
        return null;
    }

    private static string? Below(string root, string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, path)));
        return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? full : null;
    }

    private static DatasetVisibility? VisibilityOf(string? text, SortedDictionary<string, string[]> faults)
    {
        if (text is null)
            return null;
        foreach (var visibility in Enum.GetValues<DatasetVisibility>())
        {
            if (NameOf(visibility) == text)
                return visibility;
        }
        faults["visibility"] = [$"The visibility is {Quoted(text)}; allowed: {Visibilities}."];
        return null;
    }

    private static void CheckDescription(string? description, SortedDictionary<string, string[]> faults)
    {
        if (description?.Length > LongestDescription)
            faults["description"] = [$"The description has {description.Length:N0} characters; at most {LongestDescription:N0} are allowed."];
    }

    private static void Refuse(SortedDictionary<string, string[]> faults)
    {
        if (faults.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, string.Join(" ", faults.Values.SelectMany(list => list))).With("errors", faults.ToDictionary());
    }

    private static string NameOf(DatasetVisibility visibility) => JsonNamingPolicy.CamelCase.ConvertName($"{visibility}");

    private static string Quoted(string? text) => text is null ? "missing" : $"\"{text}\"";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
