using System.Diagnostics;
using Serve.Eval.Reports;
using Serve.EvalCli;

namespace Serve.Cli.Tests.Evaluate;

/// <summary>The evaluator as a program of its own, which <c>./test</c> builds as <c>./serve evaluate</c> does.</summary>
public sealed class EvalCliTests : IDisposable
{
    private const string Truth = """
        {"images":[{"id":1,"width":100,"height":100,"file_name":"a.png"}],"categories":[{"id":7,"name":"cell"}],
         "annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[10,10,40,40],"area":1600,"iscrowd":0},
                        {"id":2,"image_id":1,"category_id":7,"bbox":[60,60,30,30],"area":900,"iscrowd":0}]}
        """;

    private static readonly string Program = Path.Combine(TestFiles.Root, "artifacts", "publish", "EvalCli", "Serve.EvalCli");

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public EvalCliTests()
    {
        File.WriteAllText(_folder.File("truth.json"), Truth);
        File.WriteAllText(_folder.File("results.json"), """[{"image_id":1,"category_id":7,"bbox":[10,10,40,40],"score":0.9}]""");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_evaluator_refers_to_nothing_that_runs_or_trains_models()
    {
        var others = typeof(EvaluateCommand).Assembly.GetReferencedAssemblies().Select(name => name.Name!)
            .Concat(typeof(Serve.Eval.Evaluator).Assembly.GetReferencedAssemblies().Select(name => name.Name!))
            .Where(name => !File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{name}.dll")))
            .Distinct().Order();

        Assert.Equal(["Sep", "Serve.Eval", "System.CommandLine", "YamlDotNet"], others);
    }

    [Fact]
    public async Task The_program_writes_what_the_command_line_writes()
    {
        var whole = await CommandRun.OfAsync(Arguments("whole.json", "whole.f64"));

        var alone = await RunAsync(Built(), Arguments("alone.json", "alone.f64"));

        Assert.Equal(whole, alone);
        Assert.Equal(WithoutProvenance("whole.json"), WithoutProvenance("alone.json"));
        Assert.Equal(File.ReadAllBytes(_folder.File("whole.f64")), File.ReadAllBytes(_folder.File("alone.f64")));
    }

    [Theory]
    [InlineData("evaluate --truth no.json --detections no.json")]
    [InlineData("evaluate --truth no.json")]
    [InlineData("evaluate --no-such-option")]
    [InlineData("evaluate --truth a --detections b --iou-thresholds half")]
    [InlineData("compare --truth a --detections b")]
    public async Task The_program_refuses_as_the_command_line_refuses(string arguments)
    {
        var whole = await CommandRun.OfAsync(arguments.Split(' '));

        var alone = await RunAsync(Built(), arguments.Split(' '));

        Assert.Equal(2, alone.ExitCode);
        Assert.Equal(whole, alone);
    }

    [Fact]
    public void The_program_is_native_where_a_C_compiler_is_at_hand()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var hasCompiler = folders.Any(folder => File.Exists(Path.Combine(folder, "gcc")) || File.Exists(Path.Combine(folder, "clang")));
        Assert.SkipUnless(hasCompiler && Environment.GetEnvironmentVariable("SERVE_NATIVE") != "0", "There is no C compiler, or SERVE_NATIVE is 0.");

        Assert.False(File.Exists($"{Built()}.dll"), $"{Program} is not one native file; artifacts/EvalCli.log says why.");
    }

    [Fact]
    public async Task The_script_starts_the_program()
    {
        Built();

        var run = await RunAsync(Path.Combine(TestFiles.Root, "serve"), Arguments("script.json", "script.f64"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("0.505", run.Output);
    }

    private static string Built()
    {
        Assert.SkipUnless(File.Exists(Program), "The evaluator is not published; ./test and ./serve evaluate do it.");
        return Program;
    }

    private static async Task<CommandRun> RunAsync(string program, string[] arguments)
    {
        var managed = File.Exists($"{program}.dll");
        var start = new ProcessStartInfo(managed ? "dotnet" : program, managed ? [$"{program}.dll", .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandRun(process.ExitCode, await output, await error);
    }

    // The date and the names of the files differ.
    private string WithoutProvenance(string report) => (EvaluationReport.FromJson(File.ReadAllText(_folder.File(report))) with { Provenance = null }).ToJson();

    private string[] Arguments(string report, string arrays)
        => ["evaluate", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"), "--json", _folder.File(report), "--arrays", _folder.File(arrays)];
}
