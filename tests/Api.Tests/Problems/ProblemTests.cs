using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Problems;
using Serve.Api.Tests.Access;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Problems;

public class ProblemTests(ServeFixture serve)
{
    [Fact]
    public async Task An_unknown_address_is_a_404_problem_that_says_where_to_look()
    {
        var problem = await serve.Client.GetAsync("/v1/nothing", Token).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal("There is nothing at /v1/nothing. The document at /openapi/v1.json lists what there is.", problem.Detail());
    }

    [Fact]
    public async Task A_wrong_verb_is_a_405_problem_that_lists_the_right_ones()
    {
        var problem = await serve.Client.GetAsync("/v1/detect", Token).ProblemAsync(HttpStatusCode.MethodNotAllowed);

        Assert.Equal("/v1/detect does not answer GET; allowed: POST.", problem.Detail());
    }

    [Fact]
    public async Task Malformed_json_is_400_in_development_too()
    {
        using var folder = TestFiles.NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, ("environment", "Development"));

        var problem = await server.Client.PostAsync("/v1/evaluations", new StringContent("{", System.Text.Encoding.UTF8, "application/json"), Token)
            .ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("The JSON body is wrong at $", problem.Detail());
    }

    [Fact]
    public async Task A_fault_of_ours_is_500_without_anything_from_inside()
    {
        using var folder = TestFiles.NewFolder();
        var log = new RecordedLog();
        await using var server = await ServeApplication.StartAsync(folder.Path, services => services.AddSingleton<ILoggerProvider>(log));
        Directory.Delete(folder.File("data"), recursive: true);

        var problem = await server.Client.GetAsync("/v1/datasets", Token).ProblemAsync(HttpStatusCode.InternalServerError);

        Assert.Equal("The server failed to answer. The cause is in its log, under the trace id given here.", problem.Detail());
        var trace = problem["traceId"]!.GetValue<string>();
        Assert.NotEmpty(trace);
        Assert.Contains($"GET /v1/datasets failed, trace {trace}.", log.Text);
    }

    [Theory]
    [InlineData("Failed to bind parameter \"Nullable<double> score\" from \"x\".", "Parameter \"score\": \"x\" is not a number.")]
    [InlineData("Something else.", "Something else.")]
    public void BadRequestText_names_the_parameter(string message, string expected)
        => Assert.Equal(expected, BadRequestText.Of(new Microsoft.AspNetCore.Http.BadHttpRequestException(message)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
