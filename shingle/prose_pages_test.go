package shingle

// Pages written for these tests, of which about half is navigation. Each has a
// body in the shape of a news story; the marks «» around it are not part of it.

const pageEnglish = `Harbour Gazette
The voice of the coast
Home
News
Sport
Opinion
Obituaries
Subscribe

Council Shuts Old Ferry Bridge After Cracks Found

By Maren Holt, Local Reporter
Published 14 March, 9:40 am
Share this story

The old ferry bridge will stay closed until the end of April after engineers found cracks in two of its pillars, the
town council said on Tuesday.

Traffic is being sent over the northern crossing, which adds about twenty minutes to the way into town. Buses will run
every half hour instead of every fifteen minutes until the repairs are done.

"We would rather have people wait than have them cross a bridge that nobody can vouch for," said Edda Lindqvist, who
leads the council's works department. "The pillars are ninety years old, and they have never been opened up before."

What happens next

Divers will take samples from the foundations this week. If the damage is limited to the two pillars, the bridge can be
opened to cars again in six weeks; if it is not, the council will have to ask the province for money.

The province has paid for three bridges in the last ten years. It has not said whether it would pay for this one.

Shopkeepers on the south bank fear for their trade. Half of their customers come over the bridge, they say.

Read More
Ferry Timetable Changes From Monday
Ten Ways To Cook A Pumpkin
School Choir Wins Regional Prize
Storm Takes Roof Off Sailing Club
Harbour Master Retires After Forty Years
Letters: Give Us Back Our Benches
Fish Prices Fall For Third Week
Sailing Club Opens Doors To Beginners
Photo Gallery: Winter Swimming In Oakhaven
Council Budget At A Glance
Library To Close On Saturdays
Police Blotter: Week Of March Seventh
About Us
Contact
Terms Of Use
© Harbour Gazette
`

const pageRussian = `Портовый вестник
Главная
Новости
Спорт
Мнения
Погода
Подписка

Старый мост закрыт до конца апреля

Мария Гольт
14 марта, 9:40

Старый паромный мост останется закрытым до конца апреля, потому что инженеры нашли трещины в двух его опорах, сообщили во
вторник в городском совете.

Движение идет по северной переправе, и дорога в город занимает теперь на двадцать минут больше. Автобусы будут ходить
каждые полчаса, а не каждые пятнадцать минут, пока не закончится ремонт.

«Пусть люди лучше подождут, чем поедут по мосту, за который никто не может поручиться», — сказала руководитель отдела
работ. По ее словам, опорам девяносто лет, и никто их еще не вскрывал.

На этой неделе водолазы возьмут пробы из фундамента. Если повреждены только две опоры, то машины снова поедут по мосту через
шесть недель, а если нет, то совету придется просить деньги у области.

Читайте также
Новое расписание паромов
Десять рецептов из тыквы
Школьный хор получил приз
Буря сорвала крышу яхт-клуба
Начальник порта ушел на пенсию
Цены на рыбу снова упали
Бюджет совета
Библиотека закрыта по субботам
Контакты
Реклама
© Портовый вестник
`

const pageChinese = `海港日报
首页
新闻
体育
评论
天气
订阅

老渡口大桥关闭至四月底

记者 林海
3月14日 9:40

市议会星期二表示，由于工程师在老渡口大桥的两个桥墩上发现了裂缝，这座桥将一直关闭到四月底。

车辆目前改走北边的渡口，进城的路要多花大约二十分钟。在修好之前，公共汽车每半小时一班，而不是每十五分钟一班。

“我们宁愿让大家等一等，也不愿意让他们走一座谁也不敢担保的桥。”市议会工程部门的负责人说，这些桥墩已经有九十年的历史，
从来没有打开检查过。

潜水员本周将从地基取样。如果只有这两个桥墩受损，汽车六个星期以后就可以再从桥上通过；如果不是这样，市议会就只好向省里要钱。

南岸的店主担心他们的生意，他们说一半的顾客是从桥上过来的。

相关阅读
渡轮新时刻表
南瓜的十种做法
校合唱团获奖
风暴掀翻帆船俱乐部屋顶
港务局长退休
鱼价连续三周下跌
图书馆周六闭馆
关于我们
联系方式
版权所有 海港日报
`

// pageRow is a page in one language: what stands before the body, the body, a
// paragraph a string, and what stands after it.
type pageRow struct {
	lang         string
	before, body []string
	after        []string
}

// pageRows are pages in the scripts that the prose view is made for.
var pageRows = []pageRow{
	{"english",
		[]string{"Harbour Gazette", "Home", "News", "Sport", "Opinion", "Subscribe", "Council Shuts Old Ferry Bridge", "Maren Holt", "14 March, 9:40 am"},
		[]string{
			"The old ferry bridge will stay closed until the end of April after engineers found cracks in two of its pillars, the town council said on Tuesday.",
			"Traffic is being sent over the northern crossing, which adds about twenty minutes to the way into town. Buses will run every half hour until the repairs are done.",
			"Shopkeepers on the south bank fear for their trade. Half of their customers come over the bridge, they say.",
		},
		[]string{"Read More", "Ferry Timetable Changes", "Ten Ways To Cook A Pumpkin", "School Choir Wins Regional Prize", "Library To Close On Saturdays", "About Us", "Contact"}},
	{"german",
		[]string{"Hafenbote", "Startseite", "Nachrichten", "Sport", "Meinung", "Abonnement", "Alte Fährbrücke gesperrt", "Maren Holt"},
		[]string{
			"Die alte Fährbrücke bleibt bis Ende April gesperrt, weil Ingenieure in zwei ihrer Pfeiler Risse gefunden haben, wie der Stadtrat am Dienstag mitteilte.",
			"Der Verkehr wird über die nördliche Überfahrt geleitet, und der Weg in die Stadt dauert damit etwa zwanzig Minuten länger. Die Busse fahren bis zum Ende der Arbeiten nur noch jede halbe Stunde.",
			"Die Händler am Südufer fürchten um ihr Geschäft. Die Hälfte ihrer Kunden kommt nach eigenen Angaben über die Brücke.",
		},
		[]string{"Mehr zum Thema", "Neuer Fahrplan der Fähren", "Zehn Rezepte mit Kürbis", "Schulchor gewinnt Preis", "Impressum", "Datenschutz", "Kontakt"}},
	{"french",
		[]string{"Le Courrier du port", "Accueil", "Actualités", "Sports", "Opinions", "Abonnement", "Le vieux pont fermé", "Marine Holt"},
		[]string{
			"Le vieux pont du bac restera fermé jusqu'à la fin du mois d'avril, après la découverte de fissures dans deux de ses piles, a annoncé mardi le conseil municipal.",
			"La circulation est déviée par la traversée du nord, ce qui allonge d'une vingtaine de minutes le trajet vers la ville. Les bus ne passeront plus que toutes les demi-heures jusqu'à la fin des travaux.",
			"Les commerçants de la rive sud craignent pour leur activité. La moitié de leurs clients vient par le pont, disent-ils.",
		},
		[]string{"À lire aussi", "Nouveaux horaires du bac", "Dix recettes de potiron", "La chorale primée", "Contact", "Mentions légales"}},
	{"russian",
		[]string{"Портовый вестник", "Главная", "Новости", "Спорт", "Мнения", "Погода", "Старый мост закрыт", "Мария Гольт"},
		[]string{
			"Старый паромный мост останется закрытым до конца апреля, потому что инженеры нашли трещины в двух его опорах, сообщили во вторник в городском совете.",
			"Движение идет по северной переправе, и дорога в город занимает теперь на двадцать минут больше. Автобусы будут ходить каждые полчаса, пока не закончится ремонт.",
			"Владельцы магазинов на южном берегу боятся за свою торговлю. Половина покупателей, по их словам, приезжает по мосту.",
		},
		[]string{"Читайте также", "Новое расписание паромов", "Десять рецептов из тыквы", "Школьный хор получил приз", "Контакты", "Реклама"}},
	{"greek",
		[]string{"Λιμενική Εφημερίδα", "Αρχική", "Ειδήσεις", "Αθλητικά", "Γνώμες", "Καιρός", "Κλειστή η παλιά γέφυρα"},
		[]string{
			"Η παλιά γέφυρα του πορθμείου θα μείνει κλειστή μέχρι το τέλος του Απριλίου, επειδή οι μηχανικοί βρήκαν ρωγμές σε δύο από τους πυλώνες της, ανακοίνωσε την Τρίτη ο δήμος.",
			"Η κυκλοφορία γίνεται από το βόρειο πέρασμα και η διαδρομή προς την πόλη διαρκεί περίπου είκοσι λεπτά περισσότερο. Τα λεωφορεία θα περνούν κάθε μισή ώρα μέχρι να τελειώσουν τα έργα.",
			"Οι καταστηματάρχες στη νότια όχθη φοβούνται για τη δουλειά τους. Οι μισοί πελάτες τους έρχονται από τη γέφυρα, όπως λένε.",
		},
		[]string{"Διαβάστε επίσης", "Νέα δρομολόγια", "Δέκα συνταγές με κολοκύθα", "Βραβείο στη σχολική χορωδία", "Επικοινωνία", "Όροι χρήσης"}},
	{"arabic",
		[]string{"جريدة الميناء", "الرئيسية", "أخبار", "رياضة", "آراء", "الطقس", "إغلاق الجسر القديم"},
		[]string{
			"سيبقى جسر العبارة القديم مغلقا حتى نهاية شهر أبريل بعد أن عثر المهندسون على تشققات في اثنتين من دعاماته، كما أعلن مجلس المدينة يوم الثلاثاء.",
			"وتسير السيارات الآن عبر المعبر الشمالي، وهو ما يطيل الطريق إلى المدينة نحو عشرين دقيقة. وستمر الحافلات كل نصف ساعة إلى أن تنتهي أعمال الإصلاح.",
			"ويخشى أصحاب المتاجر على الضفة الجنوبية من تراجع تجارتهم. وهم يقولون إن نصف زبائنهم يأتون من فوق الجسر.",
		},
		[]string{"اقرأ أيضا", "مواعيد العبارات الجديدة", "عشر وصفات لليقطين", "جائزة لجوقة المدرسة", "اتصل بنا", "شروط الاستخدام"}},
	{"hebrew",
		[]string{"עיתון הנמל", "דף הבית", "חדשות", "ספורט", "דעות", "מזג אוויר", "הגשר הישן נסגר"},
		[]string{
			"גשר המעבורת הישן יישאר סגור עד סוף אפריל, לאחר שמהנדסים מצאו סדקים בשניים מן העמודים שלו, כך מסרה המועצה ביום שלישי.",
			"התנועה עוברת עכשיו דרך המעבר הצפוני, והדרך אל העיר ארוכה יותר בעשרים דקות. האוטובוסים יעברו כל חצי שעה עד שהעבודות יסתיימו.",
			"בעלי החנויות על הגדה הדרומית חוששים לפרנסתם. הם אומרים כי מחצית מן הלקוחות שלהם מגיעים דרך הגשר.",
		},
		[]string{"קראו גם", "לוח זמנים חדש", "עשרה מתכוני דלעת", "פרס למקהלה", "צור קשר", "תנאי שימוש"}},
	{"hindi",
		[]string{"बंदरगाह समाचार", "मुखपृष्ठ", "खबरें", "खेल", "विचार", "मौसम", "पुराना पुल बंद"},
		[]string{
			"नगर परिषद ने मंगलवार को कहा कि पुराना पुल अप्रैल के अंत तक बंद रहेगा, क्योंकि इंजीनियरों को इसके दो खंभों में दरारें मिली हैं।",
			"गाड़ियों को अब उत्तर के रास्ते से भेजा जा रहा है और शहर तक पहुँचने में लगभग बीस मिनट अधिक लगते हैं। मरम्मत पूरी होने तक बसें हर आधे घंटे में चलेंगी।",
			"दक्षिणी किनारे के दुकानदारों को अपने कारोबार की चिंता है। वे कहते हैं कि उनके आधे ग्राहक पुल से ही आते हैं।",
		},
		[]string{"यह भी पढ़ें", "नई समय सारणी", "कद्दू के दस व्यंजन", "विद्यालय गायन पुरस्कार", "संपर्क", "नियम शर्तें"}},
	{"chinese",
		[]string{"海港日报", "首页", "新闻", "体育", "评论", "天气", "老渡口大桥关闭", "记者 林海"},
		[]string{
			"市议会星期二表示，由于工程师在老渡口大桥的两个桥墩上发现了裂缝，这座桥将一直关闭到四月底。",
			"车辆目前改走北边的渡口，进城的路要多花大约二十分钟。在修好之前，公共汽车每半小时一班，而不是每十五分钟一班。",
			"南岸的店主担心他们的生意，他们说一半的顾客是从桥上过来的。如果只有这两个桥墩受损，汽车六个星期以后就可以再从桥上通过。",
		},
		[]string{"相关阅读", "渡轮新时刻表", "南瓜的十种做法", "校合唱团获奖", "关于我们", "联系方式"}},
	{"japanese",
		[]string{"港新聞", "トップ", "ニュース", "スポーツ", "社説", "天気", "旧渡し橋が閉鎖", "記者 森田"},
		[]string{
			"古い渡し橋の二本の橋脚にひびが見つかったため、橋は四月の終わりまで閉鎖される、と町議会が火曜日に発表した。",
			"車は今、北の渡しを通っており、町へ行くのに二十分ほど余計にかかる。工事が終わるまで、バスは三十分に一本しか走らない。",
			"南岸の店の人たちは商売を心配している。客の半分は橋を渡って来るのだという。傷んでいるのが二本だけなら、六週間後には車が通れるようになる。",
		},
		[]string{"関連記事", "新しい時刻表", "かぼちゃ料理十選", "合唱部が受賞", "会社概要", "お問い合わせ"}},
	{"korean",
		[]string{"항구신문", "홈", "뉴스", "스포츠", "사설", "날씨", "옛 나루 다리 폐쇄", "기자 박해린"},
		[]string{
			"시의회는 화요일에 옛 나루 다리의 기둥 두 개에서 금이 발견되어 다리를 사월 말까지 닫는다고 밝혔다.",
			"차들은 지금 북쪽 나루를 지나고 있으며 시내로 가는 길이 이십 분쯤 더 걸린다. 공사가 끝날 때까지 버스는 삼십 분에 한 대씩 다닌다.",
			"남쪽 강가의 상인들은 장사를 걱정하고 있다. 그들은 손님의 절반이 다리를 건너 온다고 말한다.",
		},
		[]string{"관련 기사", "새 배 시간표", "호박 요리 열 가지", "학교 합창단 수상", "회사 소개", "문의"}},
	{"thai",
		[]string{"ข่าวท่าเรือ", "หน้าแรก", "ข่าว", "กีฬา", "บทความ", "อากาศ", "ปิดสะพานเก่า"},
		[]string{
			"สภาเมืองแถลงเมื่อวันอังคารว่าสะพานท่าเรือเก่าจะปิดไปจนถึงสิ้นเดือนเมษายน เพราะวิศวกรพบรอยร้าวในเสาสองต้นของสะพาน และยังไม่ทราบว่าจะต้องใช้เงินซ่อมเท่าไร",
			"รถทุกคันต้องไปใช้ทางข้ามทางทิศเหนือซึ่งทำให้การเดินทางเข้าเมืองนานขึ้นประมาณยี่สิบนาที ส่วนรถประจำทางจะออกทุกครึ่งชั่วโมงจนกว่าการซ่อมแซมจะเสร็จสิ้น",
			"เจ้าของร้านค้าทางฝั่งใต้กังวลเรื่องการค้าขายเพราะลูกค้าครึ่งหนึ่งของพวกเขาเดินทางมาทางสะพานแห่งนี้ และยังไม่มีทางอื่นที่ใกล้กว่านี้ให้ใช้ในตอนนี้",
		},
		[]string{"อ่านต่อ", "ตารางเรือใหม่", "สูตรฟักทอง", "รางวัลนักร้อง", "ติดต่อเรา", "ข้อตกลง"}},
}
