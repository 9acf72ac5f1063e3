using System.Globalization;
using Serve.Eval;
using Serve.Inference.Files;
using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>What lies in a models folder at one moment; nothing is opened.</summary>
/// <param name="Versions">Every version, by name and version.</param>
/// <param name="Policies">The <c>policy.json</c> of the models that have one.</param>
/// <param name="Faults">What looks like a model and is none, each with its fault.</param>
internal sealed record RepositoryScan(
    IReadOnlyList<FoundVersion> Versions, IReadOnlyDictionary<string, ModelPolicy> Policies, IReadOnlyList<string> Faults)
{
    private const string GraphEnding = ".onnx";

    // A version holds a graph, its weights and texts; what lies deeper than this belongs to something else.
    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = false };
    private static readonly EnumerationOptions Flat = new() { IgnoreInaccessible = false };

    /// <summary>Looks at a whole models folder. What cannot be read is told and hides nothing else.</summary>
    /// <param name="root">The models folder.</param>
    /// <param name="otherwise">What holds where a policy says nothing.</param>
    public static RepositoryScan Of(string root, ModelPolicy otherwise)
    {
        var (versions, policies, faults) = (new List<FoundVersion>(), new Dictionary<string, ModelPolicy>(), new List<string>());
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", Flat))
        {
            try
            {
                if (entry is DirectoryInfo folder)
                    AddFolder(root, folder, otherwise, versions, policies, faults);
                else if (entry.Name.EndsWith(GraphEnding, StringComparison.OrdinalIgnoreCase))
                    AddFile(root, (FileInfo)entry, versions, faults);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                faults.Add($"{entry.FullName}: it cannot be read ({e.GetType().Name}).");
            }
        }

        return new RepositoryScan(WithoutDoubles(versions, faults), policies, [.. faults.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Looks at one version folder, wherever it lies.</summary>
    public static FoundVersion OfFolder(string root, string name, int version, string folder)
        => Found(root, name, version, VersionLayout.VersionFolder, folder, FilesOf(folder, Deep));

    /// <summary>Looks again at the files of a version; null when they are gone.</summary>
    public static FoundVersion? Again(string root, FoundVersion found)
    {
        try
        {
            return found.Layout switch
            {
                VersionLayout.VersionFolder => Directory.Exists(found.Folder) ? OfFolder(root, found.Name, found.Version, found.Folder) : null,
                VersionLayout.NameFolder => File.Exists(found.Graph) ? Found(root, found.Name, 1, found.Layout, found.Folder, NameFiles(found.Folder)) : null,
                _ => File.Exists(found.Graph) ? Single(root, found.Name, new FileInfo(found.Graph)) : null,
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return found with { Fault = $"{found.Folder}: it cannot be read ({e.GetType().Name})." };
        }
    }

    private static void AddFolder(
        string root, DirectoryInfo folder, ModelPolicy otherwise, List<FoundVersion> versions, Dictionary<string, ModelPolicy> policies, List<string> faults)
    {
        var name = folder.Name;
        var own = NameFiles(folder.FullName);
        var inside = folder.EnumerateDirectories("*", Flat).ToList();
        var numbered = inside.Where(child => VersionOf(child.Name) is not null).ToList();
        var hasGraph = own.Any(IsGraph);
        foreach (var other in inside.Except(numbered).Where(child => child.EnumerateFiles("*" + GraphEnding, Flat).Any()))
            faults.Add($"{other.FullName}: a version's folder is named by a whole number from 1, as in {name}/1/{DetectionModel.GraphFileName}.");
        if (!hasGraph && numbered.Count == 0)
            return;
        if (!PassportRules.IsName(name))
        {
            faults.Add($"{folder.FullName}: {NameRule(name)}");
            return;
        }

        var policy = Path.Combine(folder.FullName, ModelPolicy.FileName);
        try
        {
            if (File.Exists(policy))
                policies[name] = ModelPolicy.Read(policy, otherwise);
        }
        catch (InvalidInputException e)
        {
            faults.Add(e.Message);
        }

        if (hasGraph)
            versions.Add(Found(root, name, 1, VersionLayout.NameFolder, folder.FullName, own));
        foreach (var child in numbered)
            AddVersion(root, name, child, versions);
    }

    private static void AddVersion(string root, string name, DirectoryInfo child, List<FoundVersion> versions)
    {
        var version = VersionOf(child.Name)!.Value;
        try
        {
            var found = OfFolder(root, name, version, child.FullName);
            if (found.Files.Count > 0)
                versions.Add(found);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            versions.Add(new FoundVersion(
                name, version, VersionLayout.VersionFolder, child.FullName, Path.Combine(child.FullName, DetectionModel.GraphFileName), [],
                $"{child.FullName}: it cannot be read ({e.GetType().Name})."));
        }
    }

    private static void AddFile(string root, FileInfo file, List<FoundVersion> versions, List<string> faults)
    {
        var name = Path.GetFileNameWithoutExtension(file.Name);
        if (PassportRules.IsName(name))
            versions.Add(Single(root, name, file));
        else
            faults.Add($"{file.FullName}: {NameRule(name)}");
    }

    private static FoundVersion Single(string root, string name, FileInfo file)
        => Found(root, name, 1, VersionLayout.SingleFile, file.DirectoryName!, [new FoundFile(file.FullName, file.Name, file.Length, file.LastWriteTimeUtc)]);

    private static FoundVersion Found(string root, string name, int version, VersionLayout layout, string folder, List<FoundFile> files)
    {
        var graphs = files.Where(IsGraph).ToList();
        var graph = graphs.Find(file => file.Name == DetectionModel.GraphFileName) ?? (graphs.Count == 1 ? graphs[0] : null);
        var fault = Escape(root, folder, files) ?? (graph is not null ? null : graphs.Count > 1
            ? $"{folder}: there are {graphs.Count} ONNX files ({string.Join(", ", graphs.Select(file => file.Name))}); the graph is the one named {DetectionModel.GraphFileName}."
            : $"{folder}: there is no {DetectionModel.GraphFileName}.");
        return new FoundVersion(name, version, layout, folder, graph?.Path ?? Path.Combine(folder, DetectionModel.GraphFileName), files, fault);
    }

    /// <summary>A link out of the models folder would let whoever may write there read any file of the server.</summary>
    private static string? Escape(string root, string folder, List<FoundFile> files)
        => files.Select(file => file.Path).Prepend(folder).FirstOrDefault(path => path != root && !RealPath.IsWithin(path, root)) is { } path
            ? $"{path}: it is a symbolic link to a place outside of the models folder; copy the file into it."
            : null;

    private static List<FoundFile> NameFiles(string folder) => [.. FilesOf(folder, Flat).Where(file => file.Name != ModelPolicy.FileName)];

    private static List<FoundFile> FilesOf(string folder, EnumerationOptions options) =>
    [
        .. new DirectoryInfo(folder).EnumerateFiles("*", options)
            .Select(file => new FoundFile(file.FullName, Path.GetRelativePath(folder, file.FullName), file.Length, file.LastWriteTimeUtc))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    private static List<FoundVersion> WithoutDoubles(List<FoundVersion> versions, List<string> faults)
    {
        var kept = new List<FoundVersion>();
        foreach (var same in versions.GroupBy(version => (version.Name, version.Version)).OrderBy(group => group.Key.Name, StringComparer.Ordinal).ThenBy(group => group.Key.Version))
        {
            var first = same.MinBy(version => version.Layout)!;
            kept.Add(first);
            faults.AddRange(same.Where(version => version != first)
                .Select(other => $"{other.Graph}: '{same.Key.Name}' has a version {same.Key.Version} already, in {first.Graph}; the other is not served."));
        }

        return kept;
    }

    private static bool IsGraph(FoundFile file) => file.Name.EndsWith(GraphEnding, StringComparison.OrdinalIgnoreCase) && !file.Name.Contains(Path.DirectorySeparatorChar);

    private static int? VersionOf(string name)
        => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 && name[0] != '0' ? version : null;

    /// <summary>Why a name cannot be a model's.</summary>
    public static string NameRule(string name)
        => $"'{name}' cannot be a model's name, which holds only letters, digits, '.', '-' and '_', begins with a letter or digit, and has at most 100 characters.";
}
