using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Clients;

public sealed class CommittedDocumentTests(ServeFixture serve)
{
    private static readonly string Committed = Path.Combine(TestFiles.Root, "docs", "openapi.json");

    [Fact]
    public async Task The_committed_document_is_what_the_server_answers()
    {
        // The same on every system.
        var answered = (await serve.Client.GetStringAsync("/openapi/client.json", TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").TrimEnd() + "\n";

        var committed = await File.ReadAllTextAsync(Committed, TestContext.Current.CancellationToken);
        Assert.True(
            answered == committed,
            $"docs/openapi.json is not what the server answers at /openapi/client.json. build/openapi.sh writes it anew. {FirstDifference(committed, answered)}");
    }

    private static string FirstDifference(string committed, string answered)
    {
        var (before, now) = (committed.Split('\n'), answered.Split('\n'));
        var line = Enumerable.Range(0, Math.Min(before.Length, now.Length)).FirstOrDefault(i => before[i] != now[i], Math.Min(before.Length, now.Length));
        return $"The first difference is in line {line + 1}: \"{before.ElementAtOrDefault(line)?.Trim()}\" is now \"{now.ElementAtOrDefault(line)?.Trim()}\".";
    }
}
