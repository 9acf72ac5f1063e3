using System.Text.RegularExpressions;

namespace Serve.Api.Tests.Hosting;

/// <summary>No container engine is at hand where these tests run, so they check what the Dockerfile copies and starts.</summary>
public partial class DockerfileTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(TestFiles.Root, "Dockerfile"));

    [Fact]
    public void Everything_that_is_copied_from_the_repository_is_there()
    {
        var sources = Lines.Select(line => CopyLine().Match(line)).Where(match => match.Success)
            .SelectMany(match => match.Groups["sources"].Value.Split(' ')).ToList();

        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.True(Path.Exists(Path.Combine(TestFiles.Root, source)), source));
    }

    [Fact]
    public void Every_project_that_the_server_is_made_of_is_copied()
    {
        var projects = Referenced("src/Api/Api.csproj").Distinct().Select(project => Path.GetDirectoryName(project)!);

        Assert.All(projects, project => Assert.Contains($"COPY {project} {project}", Lines));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void Each_target_starts_the_server_as_a_user_without_rights_and_checks_its_health(string target)
    {
        var stage = Lines.SkipWhile(line => !line.EndsWith($" AS {target}", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();

        Assert.Contains(stage, line => line.StartsWith("ENTRYPOINT [\"dotnet\", \"/app/Serve.Api.dll\"", StringComparison.Ordinal) && line.Contains($"\"--device\", \"{target}\""));
        Assert.Contains($"COPY --from=publish-{target} /app /app", stage);
        Assert.Contains("USER serve", stage);
        Assert.Contains(stage, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.Contains("/health/live"));
        Assert.Equal("Serve.Api", typeof(Program).Assembly.GetName().Name);
    }

    [Fact]
    public void The_server_needs_no_training_library()
        => Assert.DoesNotContain(Referenced("src/Api/Api.csproj"), project => project.Contains("Training", StringComparison.Ordinal));

    /// <summary>The project and all it references, relative to the root.</summary>
    private static IEnumerable<string> Referenced(string project)
    {
        var text = File.ReadAllText(Path.Combine(TestFiles.Root, project));
        var folder = Path.GetDirectoryName(project)!;
        var references = ProjectReference().Matches(text)
            .Select(match => Path.GetRelativePath(TestFiles.Root, Path.GetFullPath(Path.Combine(TestFiles.Root, folder, match.Groups[1].Value))));
        return references.SelectMany(Referenced).Prepend(project);
    }

    [GeneratedRegex("^COPY (?!--from)(?<sources>.+) [^ ]+$")]
    private static partial Regex CopyLine();

    [GeneratedRegex("<ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();
}
