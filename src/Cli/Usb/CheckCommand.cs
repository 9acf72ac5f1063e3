using System.CommandLine;
using System.Globalization;
using Serve.Cli.Models;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;
using Serve.EvalCli;
using Serve.Inference.Models;
using Serve.Inference.Usb;

namespace Serve.Cli.Usb;

/// <summary><c>serve usb check</c>: the divisions that a method qualifies for, and why not the next.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var models = new Argument<string[]>("MODEL") { Description = "Models of the method, one a dataset or one for all: a name, a folder or a passport (model.json).", Arity = ArgumentArity.ZeroOrMore };
        var folder = ModelOptions.Models();
        var epochs = new Option<double?>("--epochs") { Description = "In the place of a model: epochs of its training, pre-training for detection included." };
        var pixels = new Option<string?>("--pixels") { Description = "In the place of a model: its largest image before padding, WxH." };
        var truth = new Option<string?>("--truth") { Description = "COCO annotation file, with one MODEL: its images decide the pixels." };
        var annotations = new Option<string?>("--annotations") { Description = "Kinds of annotations used, e.g. boxes,masks; from the passport when not given." };
        var ahpo = new Option<bool?>("--ahpo") { Description = "Whether hyper-parameters were optimised aggressively; from the passport when not given." };
        var augmented = new Option<bool?>("--tta") { Description = "Whether there is test-time augmentation; from the passport when not given." };
        var reported = new Option<string?>("--reported") { Description = "Training divisions whose results are reported too, e.g. 1.0,2.0." };
        var without = new Option<bool>("--without-extra-data") { Description = "Results without data outside the benchmark are reported too." };
        var reports = new DatasetReports();
        var divisions = UsbCommand.Divisions();
        var json = UsbCommand.Json();
        var command = new Command(
            "check",
            """
            Says which training and evaluation division a method qualifies for, why, and what the next would ask for.
            Examples: serve usb check blood-cells
                      serve usb check coco/model.json wod/model.json m109s/model.json --reported 1.0 --coco coco.json --wod wod.json --m109s m109s.json
                      serve usb check --epochs 36 --pixels 1333x800 --annotations boxes,masks
            """)
        {
            models, folder, epochs, pixels, truth, annotations, ahpo, augmented, reported, without,
        };
        reports.AddTo(command);
        command.Options.Add(divisions);
        command.Options.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var rules = UsbCommand.Rules(parsed, divisions);
            var stated = new TrainingStatement(parsed.GetValue(annotations)?.Split(','), parsed.GetValue(ahpo), parsed.GetValue(augmented));
            var submission = (parsed.GetValue(models)!, parsed.GetValue(epochs), parsed.GetValue(pixels)) switch
            {
                ([], { } count, var size) => Stated(count, size, stated),
                ({ Length: > 0 } names, null, null) => await OfModelsAsync(names, parsed.GetValue(folder), parsed.GetValue(truth), rules, stated, ct),
                _ => throw new InvalidInputException("usb check: give either models, or --epochs and --pixels."),
            };
            var (results, notes) = await reports.ReadAsync(parsed, rules, ct);
            var verdict = UsbCheck.Of(submission with
            {
                Results = results,
                Reported = Reported(parsed.GetValue(reported), rules),
                ReportedWithoutExtraData = parsed.GetValue(without),
                Assumptions = [.. submission.Assumptions, .. notes],
            }, rules);
            return await UsbCommand.WriteAsync(parsed, json, verdict.ToJson(), verdict.ToText(rules), ct);
        });
        return command;
    }

    private static UsbSubmission Stated(double epochs, string? pixels, TrainingStatement stated)
    {
        if (!double.IsFinite(epochs) || epochs < 0)
        {
            throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture, $"--epochs: got {epochs}, allowed are numbers from 0."));
        }

        return new UsbSubmission
        {
            Entries = [new UsbEntry { Model = "stated", Trained = [new UsbTraining("", epochs)], MaxPixels = pixels is null ? null : Pixels(pixels) }],
            OtherAnnotations = [.. (stated.Annotations ?? []).Where(kind => kind != "boxes")],
            Ahpo = stated.Ahpo ?? false,
            TestTimeAugmentation = stated.TestTimeAugmentation ?? false,
        };
    }

    private static async Task<UsbSubmission> OfModelsAsync(
        string[] names, DirectoryInfo? folder, string? truth, UsbDivisions rules, TrainingStatement stated, CancellationToken ct)
    {
        if (truth is not null && names.Length > 1)
        {
            throw new InvalidInputException($"--truth: got {names.Length} models; the images of a file can be those of one.");
        }

        var images = truth is null ? null : (await EvaluationFiles.ReadTruthAsync(truth, AnnotationParts.Boxes, hash: false, ct)).Images;
        var passports = new List<Passport>();
        foreach (var name in names)
        {
            passports.Add(await PassportAsync(name, folder, ct));
        }

        return PassportSubmission.Of(passports, rules, stated, images);
    }

    private static async Task<Passport> PassportAsync(string name, DirectoryInfo? folder, CancellationToken ct)
    {
        var inside = Path.Combine(name, Passport.FileName);
        if (File.Exists(inside) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return Passport.Read(File.Exists(inside) ? inside : name);
        }

        await using var repository = ModelOptions.OpenRepository(folder, "cpu");
        if (!repository.Names.Contains(name))
        {
            throw new InvalidInputException(
                $"usb check: there is no model {name} in {ModelOptions.Folder(folder)} (there are {string.Join(", ", repository.Names)}), and no such passport.");
        }

        if (repository.Find(name, null).Passport is { } passport)
        {
            return passport;
        }

        using var lease = await repository.AcquireAsync(name, null, ct);
        return lease.Model.Passport;
    }

    private static long Pixels(string text)
    {
        var sides = text.Split('x');
        return sides.Length == 2 && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height) && width > 0 && height > 0
            ? (long)width * height
            : throw new InvalidInputException($"--pixels: got {text}, allowed is a width and a height, e.g. 1333x800.");
    }

    private static string[] Reported(string? text, UsbDivisions rules)
    {
        var ids = text?.Split(',') ?? [];
        foreach (var id in ids.Where(id => rules.Training.All(division => division.Id != id) && !decimal.TryParse(id, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)))
        {
            throw new InvalidInputException($"--reported: got {id}, allowed are training divisions, e.g. {string.Join(",", rules.Training.Select(division => division.Id))}.");
        }

        return ids;
    }
}
