using Serve.Eval.Statistics;
using Serve.Eval.Tests.Statistics;

namespace Serve.Eval.Tests.Reports;

public class ReportCultureTests
{
    private static readonly Dictionary<string, Func<string>> Texts = new()
    {
        ["csv"] = () => ReportExamples.Full().ToCsv(),
        ["csv by scale"] = () => ReportExamples.ByScale().ToCsv(),
        ["html"] = () => ReportExamples.Full().ToHtml(ReportExamples.Plain(worse: true)),
        ["html by scale"] = () => ReportExamples.ByScale().ToHtml(),
        ["json"] = () => ReportExamples.Full().ToJson(),
        ["markdown"] = () => ReportExamples.Full().ToMarkdown(ReportExamples.Plain(worse: true)),
        ["markdown by scale"] = () => ReportExamples.ByScale().ToMarkdown(),
        ["text"] = () => ReportExamples.Full().ToText(),
        ["text of errors"] = () => ReportExamples.Full().Errors!.ToText(),
        ["text of a comparison"] = () => PairedComparison.Run(
            [new("first", LargerScene.Evaluate(seed: 1)), new("second", LargerScene.Evaluate(seed: 2))], new() { Resamples = 20, Permutations = 20 }, ct: TestContext.Current.CancellationToken).ToText(),
        ["text of scales"] = () => ReportExamples.ByScale().Scales!.ToText(),
    };

    public static TheoryData<string> Names => [.. Texts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_culture_of_the_machine_does_not_matter(string name) => Assert.Equal(Texts[name](), CommaCulture.Run(Texts[name]));
}
