using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.EvalCli;

/// <summary>The options that ask for more than the numbers of the protocol.</summary>
internal sealed class AnalysisOptions
{
    private static readonly StatisticsOptions Defaults = new();

    private readonly Option<bool> _errors = new("--errors") { Description = "Error analysis: kinds of errors and what they cost, confusions, thresholds, worst images. --html always has it." };
    private readonly Option<bool> _scales = new("--scales") { Description = "USB: all its measures by scale. --html always has them." };
    private readonly Option<bool> _intervals = new("--intervals") { Description = "95% intervals (bootstrap over images) of the summary and of each category's AP." };
    private readonly Option<int?> _resamples = new("--resamples") { Description = $"Resamples for --intervals; {Defaults.Resamples} when not given." };
    private readonly Option<long?> _seed = new("--seed") { Description = $"Seed for --intervals; {Defaults.Seed} when not given. The same seed gives the same intervals." };

    public void AddTo(Command command)
    {
        command.Options.Add(_errors);
        command.Options.Add(_scales);
        command.Options.Add(_intervals);
        command.Options.Add(_resamples);
        command.Options.Add(_seed);
    }

    /// <summary>What is asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="hasPage">Whether an HTML page is written, which shows errors and scales without being asked.</param>
    /// <exception cref="InvalidInputException">An option that cannot be used.</exception>
    public Analysis Read(ParseResult parsed, Protocol protocol, bool hasPage)
    {
        var (resamples, seed) = (parsed.GetValue(_resamples), parsed.GetValue(_seed));
        var intervals = parsed.GetValue(_intervals);
        if (!intervals && (resamples ?? seed) is not null)
            throw new InvalidInputException($"{(resamples is not null ? "--resamples" : "--seed")} is for --intervals, which is not given.");
        var usb = protocol as UsbProtocol;
        if (parsed.GetValue(_scales) && usb is null)
            throw new InvalidInputException($"--scales: {protocol.Name} has no scale measures; usb, usb-wod and usb-m109s have.");
        var options = Defaults with { Resamples = resamples ?? Defaults.Resamples, Seed = seed ?? Defaults.Seed };
        options.Validate();
        return new(
            Errors: Asked(parsed.GetValue(_errors), hasPage), Scales: Asked(parsed.GetValue(_scales), hasPage && usb is not null), Intervals: intervals ? options : null);
    }

    private static AnalysisPart Asked(bool isAsked, bool isForPage) => isAsked ? AnalysisPart.Everywhere : isForPage ? AnalysisPart.OnPage : AnalysisPart.None;
}
