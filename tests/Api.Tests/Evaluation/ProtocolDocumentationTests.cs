using System.Text.RegularExpressions;
using Serve.Api.Evaluation;

namespace Serve.Api.Tests.Evaluation;

public partial class ProtocolDocumentationTests
{
    [Fact]
    public void The_first_page_names_the_protocols_that_the_server_takes()
    {
        var listed = Listed().Match(File.ReadAllText(Path.Combine(TestFiles.Root, "README.md"))).Groups[1].Value;

        Assert.Equal(Protocols.Names, Name().Matches(listed).Select(match => match.Groups[1].Value));
    }

    [GeneratedRegex("The server takes the protocols that `GET /v1/protocols` lists: ([^;]*);")]
    private static partial Regex Listed();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
