// What a picture costs between its file and a model's input and between a model's outputs and its detections, and whether a shortcut changes what is found:
//   dotnet run -c Release --project bench/Inference.Bench -- pictures ../shared/images/photos
//   dotnet run -c Release --project bench/Inference.Bench -- shrink models/blood-cells/1 ../shared/data/bccd
//   dotnet run -c Release --project bench/Inference.Bench -- decoding
using System.CommandLine;
using Serve.Inference.Bench;

var folder = new Argument<string>("folder") { Description = "Folder of pictures (JPEG); those in folders below count, too." };
var size = new Option<int>("--size") { Description = "Width and height of the model's input.", DefaultValueFactory = _ => 416 };
var rounds = new Option<int>("--rounds") { Description = "Times that each picture is measured; the fastest counts.", DefaultValueFactory = _ => 30 };
var pictures = new Command("pictures", "Milliseconds on one core of decoding and preprocessing, as a Markdown table.") { folder, size, rounds };
pictures.SetAction(parsed => PictureCosts.Write(Console.Out, parsed.GetValue(folder)!, parsed.GetValue(size), parsed.GetValue(rounds)));

var model = new Argument<string>("model") { Description = "Folder of a model." };
var data = new Argument<string>("data") { Description = "Dataset folder." };
var split = new Option<string>("--split") { Description = "Split of the dataset.", DefaultValueFactory = _ => "test" };
var factors = new Option<string>("--factors") { Description = "By how much pictures are enlarged, with commas.", DefaultValueFactory = _ => "2,3,4,8" };
var shrink = new Command("shrink", "Average precision with and without shrinking while decoding, as a Markdown table.") { model, data, split, factors };
shrink.SetAction((parsed, ct) => ShrinkStudy.WriteAsync(
    Console.Out, parsed.GetValue(model)!, parsed.GetValue(data)!, parsed.GetValue(split)!,
    [.. parsed.GetValue(factors)!.Split(',').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))], ct));

var decoding = new Command("decoding", "Milliseconds on one core from a model's outputs to detections, beside a plain loop, as a Markdown table.") { rounds };
decoding.SetAction(parsed => DecodingCosts.Write(Console.Out, 10 * parsed.GetValue(rounds)));

return await new RootCommand("Measures the steps of detection beside the model's own.") { pictures, shrink, decoding }.Parse(args).InvokeAsync();
